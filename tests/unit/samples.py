"""One event of each topic with every field set, made from its declaration."""

import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

from tracker.events import EVENT_TYPES, EventData, NewEvent, Recorded, data_from

EPISODE = UUID("00000000-0000-4000-8000-000000000002")
TEXT = "Zażółć \U0001f9e0 =1+1"
INSTANT = "2026-02-02T08:00:00.123456Z"
WHEN = datetime.datetime(2026, 2, 2, 8, 0, 0, 123456, datetime.UTC)
_LEFT_OUT = {"absent"}
"""A symptom cannot be both present and absent."""


def sample(topic: str, text: str = TEXT) -> EventData:
    """Return the data of an event with every field set, those that take any text to `text`."""
    info = inspect.type_info(EVENT_TYPES[topic])
    assert isinstance(info, inspect.StructType)
    fields = {f.name: _value(f.type, text) for f in info.fields if f.name not in _LEFT_OUT}
    return data_from(topic, fields)


def _value(kind: inspect.Type, text: str) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _value(kind.type, text)
    if isinstance(kind, inspect.UnionType):
        return _value(next(t for t in kind.types if not isinstance(t, inspect.NoneType)), text)
    if isinstance(kind, inspect.LiteralType):
        return kind.values[-1]
    if isinstance(kind, inspect.VarTupleType):
        return [_value(kind.item_type, text)]
    if isinstance(kind, inspect.FloatType):
        return float(kind.le or 1)
    if isinstance(kind, inspect.StrType):
        return "site@2" if kind.pattern else text[: kind.max_length]
    if isinstance(kind, inspect.BoolType):
        return True
    # Under a frozen clock msgspec's inspection does not know the real datetime.
    instant = isinstance(kind, inspect.DateTimeType | inspect.CustomType)
    return INSTANT if instant else {"note": [text]}


def new(topic: str, when: datetime.datetime = WHEN) -> NewEvent:
    """Return an event of the topic that has not been recorded."""
    return NewEvent(
        id="an id",
        occurred_at=when,
        recorded_at=when,
        actor="anna",
        on_behalf_of="ben",
        source="cli",
        data=sample(topic),
    )


def recorded(topic: str) -> Recorded:
    """Return the same event as the log gives it back."""
    return Recorded(**msgspec.structs.asdict(new(topic)), episode=EPISODE, version=7)
