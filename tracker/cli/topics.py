"""Sub-commands made from the declarations of the events: one per topic, one option per field."""

from collections.abc import Callable, Iterator
from typing import Any, get_args

import click
from msgspec import inspect

from tracker import times
from tracker.cli.completing import complete_event
from tracker.errors import UsageError
from tracker.events import EVENT_TYPES, EventData, Role
from tracker.events.fields import Instant
from tracker.nearest import meant
from tracker.times import Direction, Instants

PLANNED = frozenset({"planned_for", "until"})
"""Instants that lie ahead; every other one tells what has been."""
RESERVED = frozenset({"episode", "at", "event_id", "dry_run", "fmt"})
"""Parameters that every such command has; no field may be called so."""


class Word(click.ParamType):  # type: ignore[type-arg]
    """One word of a vocabulary, in any case."""

    name = "word"

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word as it is stored."""
        text = str(value).strip()
        for word in self.words:
            if word.lower() == text.lower().replace("_", "-"):
                return word
        hint = meant(text, self.words, "it is one of")
        raise click.BadParameter(f"{text!r} is unknown; {hint}", ctx, param)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Offer the words; behind a comma, further ones."""
        before, comma, last = incomplete.rpartition(",")
        words = [word for word in self.words if word.lower().startswith(last.lower())]
        return [click.shell_completion.CompletionItem(f"{before}{comma}{w}") for w in words]


class Words(Word):
    """Words of a vocabulary with commas between them; the option may be repeated too."""

    name = "words"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Offer the words; a single one with a comma too, so that no shell ends it with a space."""
        items = super().shell_complete(ctx, param, incomplete)
        if len(items) == 1:
            items.append(click.shell_completion.CompletionItem(f"{items[0].value},"))
        return items

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the words of one option."""
        parts = [part for part in str(value).split(",") if part.strip()]
        if not parts:
            raise click.BadParameter(f"names none of {', '.join(self.words)}", ctx, param)
        return [super(Words, self).convert(part, param, ctx) for part in parts]


class Quantity(click.ParamType):  # type: ignore[type-arg]
    """A number with a unit, in a range."""

    name = "number"

    def __init__(self, kind: inspect.FloatType | inspect.IntType, unit: str) -> None:
        self.unit = self.scale(unit)
        self.lowest, self.over = kind.ge, kind.gt
        self.highest = kind.le

    @property
    def range(self) -> str:
        """The range in words, with its unit."""
        low = f"over {self.over:g}" if self.over is not None else f"{self.lowest:g}"
        return f"{low} to {self.highest:g} {self.unit}".rstrip()

    @staticmethod
    def scale(unit: str) -> str:
        """Return a unit without the range that the name of a scale may repeat."""
        return unit.partition(" ")[0]

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        text = str(value).strip()
        try:
            number = float(text)
        except ValueError:
            point = text.replace(",", ".")
            dotted = text.count(",") == 1 and point.replace(".", "", 1).isdigit()
            hint = f"; write {point}" if dotted else ""
            raise click.BadParameter(
                f"{text!r} is not a number{hint}; the range is {self.range}", ctx, param
            ) from None
        if not self._holds(number):
            raise click.BadParameter(f"{text} is out of range: it is {self.range}", ctx, param)
        return number

    def _holds(self, number: float) -> bool:
        # Written so that "not a number" holds nowhere.
        above = number > self.over if self.over is not None else number >= (self.lowest or 0)
        return above and (self.highest is None or number <= self.highest)


def bare(kind: Any) -> tuple[Any, dict[str, Any]]:
    """Return the type inside annotations and `| None`, with its description and unit."""
    notes: dict[str, Any] = {}
    while True:
        if isinstance(kind, inspect.Metadata):
            schema = kind.extra_json_schema or {}
            notes = {**schema, **(kind.extra or {}), **notes}
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            kind = next(t for t in kind.types if not isinstance(t, inspect.NoneType))
        else:
            return kind, notes


def is_instant(kind: Any) -> bool:
    """Whether a type is that of an instant.

    While a library freezes the clock, msgspec does not know the real class of datetimes.
    """
    if isinstance(kind, inspect.CustomType):
        return kind.cls is get_args(Instant)[0]
    return isinstance(kind, inspect.DateTimeType)


def fields_of(cls: type[EventData]) -> list[inspect.Field]:
    """Return the declared fields of an event."""
    info = inspect.type_info(cls)
    return list(info.fields) if isinstance(info, inspect.StructType) else []


def option_name(field: str) -> str:
    """Return the option of a field."""
    return "--" + field.replace("_", "-")


def _option(field: inspect.Field) -> click.Option:
    kind, notes = bare(field.type)
    flags = [option_name(field.name)]
    settings: dict[str, Any] = {
        "help": notes.get("description", field.name.replace("_", " ")),
        "required": field.required,
    }
    match kind:
        case inspect.LiteralType():
            words = tuple(str(v) for v in kind.values)
            settings |= {"type": Word(words), "metavar": "|".join(words)}
        case inspect.VarTupleType() | inspect.ListType():
            item, _ = bare(kind.item_type)
            words = tuple(str(v) for v in item.values)
            settings |= {"type": Words(words), "multiple": True, "metavar": "WORD[,WORD...]"}
            settings["help"] += f": {', '.join(words)}"
        case inspect.FloatType() | inspect.IntType():
            number = Quantity(kind, notes.get("unit", ""))
            settings |= {"type": number, "metavar": "NUMBER"}
            settings["help"] += f" [{number.range}]"
        case inspect.BoolType():
            flags = [f"{flags[0]}/--no-{flags[0][2:]}"]
            settings["default"] = None
        case _ if is_instant(kind):
            settings |= {"type": str, "metavar": "TIME"}
        case inspect.DictType():
            settings |= {"type": str, "multiple": True, "metavar": "FIELD=VALUE"}
        case _:
            settings |= {"type": str, "metavar": "TEXT"}
            if field.name in ("target", "order"):
                settings |= {"metavar": "EVENT-ID", "shell_complete": complete_event}
    return click.Option(flags, **settings)


class TopicCommand(click.Command):
    """Records one topic; knows by its value which option was meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; an unknown option is answered with those that take its value."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            taking = self._taking(_value(given, error.option_name))
            if not taking:
                raise
            raise UsageError(
                f"no such option: {error.option_name}", f"did you mean {' or '.join(taking)}?"
            ) from None

    def _taking(self, value: str) -> list[str]:
        words = {word.strip().lower() for word in value.split(",")}
        return [
            param.opts[0]
            for param in self.params
            if isinstance(param.type, Word) and words <= {w.lower() for w in param.type.words}
        ]


def _value(args: list[str], option: str) -> str:
    """Return what follows an option on a command line, nothing if nothing does."""
    for place, argument in enumerate(args):
        name, equals, value = argument.partition("=")
        if name == option:
            return value if equals else next(iter(args[place + 1 :]), "")
    return ""


def _normalized(token: str) -> str:
    return token.replace("_", "-")


def build(
    cls: type[EventData], run: Callable[..., None], common: list[click.Parameter]
) -> click.Command:
    """Return the command that records one topic; `run` gets the topic and every parameter."""

    def callback(**values: Any) -> None:
        run(cls.topic, **values)

    options = [_option(field) for field in fields_of(cls)]
    line = (cls.__doc__ or cls.topic).strip()
    epilog = None
    if Role.SCHEDULER in cls.role:
        epilog = "Written by the scheduler alone; this command refuses."
    return TopicCommand(
        cls.topic,
        callback=callback,
        params=[common[0], *options, *common[1:]],
        help=line,
        short_help=line.splitlines()[0],
        epilog=epilog,
        context_settings={"token_normalize_func": _normalized},
    )


def given(topic: str, values: dict[str, Any], instant: Instants) -> dict[str, Any]:
    """Return the fields that were given, as plain JSON values; `instant` reads a time."""
    return dict(_given(topic, values, instant))


def _given(topic: str, values: dict[str, Any], instant: Instants) -> Iterator[tuple[str, Any]]:
    for field in fields_of(EVENT_TYPES[topic]):
        value = values.get(field.name)
        if value is None or value == ():
            continue
        kind, _ = bare(field.type)
        if is_instant(kind):
            direction: Direction = "future" if field.name in PLANNED else "past"
            value = times.iso(instant(value, direction))
        elif isinstance(kind, inspect.VarTupleType | inspect.ListType):
            value = list(dict.fromkeys(word for words in value for word in words))
        yield field.name, value
