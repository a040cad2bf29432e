"""`field=value` as people write it -> a JSON value of that field of that event."""

from collections.abc import Iterable
from typing import Any

import click
import msgspec
from msgspec import inspect

from tracker import times
from tracker.cli.topics import PLANNED, Quantity, Word, Words, bare, fields_of, is_instant
from tracker.decoding import decode
from tracker.errors import UsageError
from tracker.events import EVENT_TYPES
from tracker.nearest import meant
from tracker.times import Direction, Instants


def changes(topic: str, assignments: Iterable[str], instant: Instants) -> dict[str, Any]:
    """Return new values by field; an empty value (`field=`) removes one.

    `occurred_at` (or `at`) is the time of the event. Raises UsageError naming near fields, the
    range and the unit.
    """
    found: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip().replace("-", "_")
        name = "occurred_at" if name == "at" else name
        if not equals:
            raise UsageError(f"{assignment!r} is not field=value", hint="--set volume_ml=18")
        if name in found:
            raise UsageError(f"{name} is set twice")
        found[name] = _value(topic, name, text.strip(), instant)
    return found


def _value(topic: str, name: str, text: str, instant: Instants) -> Any:
    if name == "occurred_at":
        if not text:
            raise UsageError("occurred_at cannot be removed: an event has its time")
        return times.iso(instant(text, "past"))
    kinds = {field.name: field.type for field in fields_of(EVENT_TYPES[topic])}
    if name not in kinds:
        known = [*kinds, "occurred_at"]
        hint = meant(name, known, "its fields are")
        raise UsageError(f"{topic} has no field {name!r}", hint=hint)
    if not text:
        return None
    kind, notes = bare(kinds[name])
    try:
        return _typed(kind, notes, name, text, instant)
    except click.BadParameter as error:
        raise UsageError(f"{topic}: {name}: {error.message}") from None


def _typed(kind: Any, notes: dict[str, Any], name: str, text: str, instant: Instants) -> Any:
    match kind:
        case inspect.LiteralType():
            return Word(tuple(str(v) for v in kind.values)).convert(text, None, None)
        case inspect.VarTupleType() | inspect.ListType():
            item, _ = bare(kind.item_type)
            return Words(tuple(str(v) for v in item.values)).convert(text, None, None)
        case inspect.FloatType() | inspect.IntType():
            return Quantity(kind, notes.get("unit", "")).convert(text, None, None)
        case inspect.BoolType():
            return click.BOOL.convert(text, None, None)
        case _ if is_instant(kind):
            direction: Direction = "future" if name in PLANNED else "past"
            return times.iso(instant(text, direction))
        case inspect.DictType():
            return _object(name, text)
        case _:
            return text


def _object(name: str, text: str) -> Any:
    try:
        return decode(text)
    except msgspec.DecodeError as error:
        raise UsageError(f"{name} is not JSON: {error}") from None
