"""docs/reference/events.md: every event, from its declaration."""

import ast
import inspect as source
import textwrap

import msgspec
from msgspec import inspect

from scripts.documentation.guideline import Guideline
from scripts.documentation.markdown import cited, code, codes, document, link, points, slug, table
from tracker.cli.topics import Quantity, bare, fields_of, is_instant, option_name
from tracker.events import EVENT_TYPES, EventData, Recorded, Role
from tracker.pathway.rules import JUDGES

INTRO = (
    "Every event the program can record, from the declaration that also makes its storage format, "
    "its validation, `tracker record` and `tracker schema`.\n"
    "A field that is absent is unknown, and unknown never counts as no.\n"
    "Topics are stored and are never renamed.\n"
    "A field is given to `tracker record` as an option (`volume_ml` is `--volume-ml`); what all "
    "those commands take besides is under [tracker record](commands.md#tracker-record)."
)

ENVELOPE = {
    "id": "id of the event; the client may give it, and recording it again changes nothing",
    "episode": "the episode",
    "version": "1 for the first event of the episode, then 2, 3 ...: recorded order",
    "occurred_at": "when it was true",
    "recorded_at": "when the program learned it, by its own clock",
    "actor": "the user who recorded it",
    "on_behalf_of": "who said so, beside the actor",
    "source": "how it came in: cli, import, scheduler ...",
    "data": "the fields of the topic",
}
"""What every recorded event carries."""


def events(guideline: Guideline) -> str:
    """Return the document."""
    fields = {field.name for field in msgspec.structs.fields(Recorded)}
    if fields != set(ENVELOPE):
        raise ValueError(f"describe these fields of an event: {sorted(fields ^ set(ENVELOPE))}")
    return document(
        "Events",
        INTRO,
        "## What every event carries",
        table(["Field", "Meaning"], ([code(name), says] for name, says in ENVELOPE.items())),
        "## What an event can be to the pathway",
        table(["Role", "Meaning"], ([name, says] for name, says in roles().items())),
        "## All topics",
        table(
            ["Topic", "What it tells", "Role"],
            [
                [link(code(topic), f"#{slug(topic)}"), _says(cls, guideline), _roles(cls)]
                for topic, cls in EVENT_TYPES.items()
            ],
        ),
        *(_section(cls, guideline) for cls in EVENT_TYPES.values()),
    )


def roles() -> dict[str, str]:
    """Return the roles of events with the sentence below each in the declaration."""
    body = ast.parse(textwrap.dedent(source.getsource(Role))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 (narrows the type)
    said: dict[str, str] = {}
    for member, sentence in zip(body.body, body.body[1:], strict=False):
        match member, sentence:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                said[name.lower()] = text
    return said


def _says(cls: type[EventData], guideline: Guideline) -> str:
    return cited(source.cleandoc(cls.__doc__ or ""), guideline.lines(), "../guideline.md")


def _roles(cls: type[EventData]) -> str:
    return ", ".join(str(role.name).lower() for role in Role if role in cls.role)


def _section(cls: type[EventData], guideline: Guideline) -> str:
    judged = sorted(rule for rule, topics in JUDGES.items() if cls.topic in topics)
    lines = sorted({s.line for s in guideline.naming("events", cls.topic)})
    facts = points(
        ("Role", _roles(cls)),
        ("Judged by", ", ".join(link(code(rule), f"rules.md#{rule}") for rule in judged)),
        ("Guideline", ", ".join(link(f"L{n}", f"../guideline.md#l{n}") for n in lines)),
        ("Written by", "the scheduler alone" if Role.SCHEDULER in cls.role else ""),
    )
    heads = ["Field", "Value", "Unit", "Required", "Meaning"]
    fields = table(heads, (_field(field) for field in fields_of(cls)))
    parts = [f"## {cls.topic}", _says(cls, guideline), facts, fields]
    return "\n\n".join(filter(None, parts))


def _field(field: inspect.Field) -> list[str]:
    kind, notes = bare(field.type)
    required = "yes" if field.required else ""
    meaning = notes.get("description", option_name(field.name)[2:].replace("-", " "))
    return [code(field.name), _value(kind), notes.get("unit", ""), required, meaning]


def _value(kind: inspect.Type) -> str:
    """Return what a field can hold, in words."""
    match kind:
        case inspect.LiteralType(values=words):
            return codes(str(word) for word in words)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return f"any of {_value(bare(item)[0])}"
        case inspect.FloatType() | inspect.IntType():
            return f"number, {Quantity(kind, '').range}"
        case inspect.BoolType():
            return "true or false"
        case _ if is_instant(kind):
            return "instant"
        case inspect.DictType():
            return "object"
        case inspect.StrType(max_length=longest):
            return f"text, up to {longest} characters" if longest else "text"
    raise TypeError(f"no words for {kind}")
