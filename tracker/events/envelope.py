"""The envelope of a recorded event and its stored form.

The stored form is canonical JSON: the same event gives the same bytes, whoever encodes it.
"""

import datetime
from collections.abc import Callable
from typing import Any, Generic, TypeVar, get_args
from uuid import UUID

import msgspec

from tracker.decoding import convert, decoder
from tracker.events.base import EVENT_TYPES, EventData
from tracker.events.fields import Instant

_Data = TypeVar("_Data")


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has been decided on and not yet been appended."""

    id: str
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    source: str
    data: EventData
    on_behalf_of: str | None = None

    @property
    def topic(self) -> str:
        """Topic of the event."""
        return self.data.topic


class Recorded(NewEvent, frozen=True, kw_only=True):
    """An event of the log: what happened, when it was true, when we learned it and from whom."""

    episode: UUID
    version: int
    """1 for the first event of the episode, then 2, 3 ...: recorded order."""

    @classmethod
    def of(cls, event: NewEvent, episode: UUID, version: int) -> "Recorded":
        """Return a new event at its place in an episode."""
        return cls(
            episode=episode,
            version=version,
            id=event.id,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor=event.actor,
            source=event.source,
            data=event.data,
            on_behalf_of=event.on_behalf_of,
        )

    # The names by which the eventsourcing library knows the two.
    @property
    def originator_id(self) -> UUID:
        """The episode."""
        return self.episode

    @property
    def originator_version(self) -> int:
        """Place of the event in its episode."""
        return self.version


class _Stored(msgspec.Struct, Generic[_Data], frozen=True, kw_only=True, omit_defaults=True):
    id: str
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    source: str
    schema: int
    data: _Data
    on_behalf_of: str | None = None


class UnknownTopicError(Exception):
    """A stored topic is not declared here: it was written by a newer version of the program."""


class NewerSchemaError(Exception):
    """A stored event has a schema version newer than this program knows."""


# In a tuple, where a library that freezes the clock does not look for the class to replace it.
_REAL = get_args(Instant)[:1]


def real_instant(value: datetime.datetime) -> datetime.datetime:
    """Return `value` in UTC as a plain datetime, also where it is a test clock's subclass.

    Raises ValueError when it has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    if type(value) is _REAL[0] and value.tzinfo is datetime.UTC:
        return value
    utc = value.astimezone(datetime.UTC)
    text = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}Z"
    if utc.year < 1000:
        text = text.rjust(27, "0")
    return convert(text, Instant)


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return real_instant(value)
    raise NotImplementedError(f"cannot store a {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_plain, order="deterministic")
_readers: dict[str, Callable[[bytes], Any]] = {}
"""By topic."""


def encode(event: NewEvent) -> bytes:
    """Return the stored form of an event; its instants end in `Z`, whatever their time zone is."""
    return _encoder.encode(
        _Stored(
            id=event.id,
            occurred_at=real_instant(event.occurred_at),
            recorded_at=real_instant(event.recorded_at),
            actor=event.actor,
            source=event.source,
            schema=event.data.schema_version,
            data=event.data,
            on_behalf_of=event.on_behalf_of,
        )
    )


def _reader(topic: str) -> Callable[[bytes], Any]:
    try:
        return _readers[topic]
    except KeyError:
        pass
    try:
        data_type = EVENT_TYPES[topic]
    except KeyError:
        raise UnknownTopicError(topic) from None
    made = _readers[topic] = decoder(_Stored[data_type]).decode  # type: ignore[valid-type]
    return made


def decode(episode: UUID, version: int, topic: str, state: bytes) -> Recorded:
    """Read an event back from its stored form.

    Raises UnknownTopicError or NewerSchemaError for what a newer program wrote, and
    msgspec.DecodeError for bytes that are no event of that topic.
    """
    try:
        stored = _reader(topic)(state)
    except (UnicodeDecodeError, RecursionError) as error:  # of bytes that no encoder writes
        raise msgspec.DecodeError(f"it cannot be read: {type(error).__name__}") from error
    if stored.schema > EVENT_TYPES[topic].schema_version:
        raise NewerSchemaError(f"{topic} has schema {stored.schema}")
    return Recorded(
        episode=episode,
        version=version,
        id=stored.id,
        occurred_at=stored.occurred_at,
        recorded_at=stored.recorded_at,
        actor=stored.actor,
        source=stored.source,
        data=stored.data,
        on_behalf_of=stored.on_behalf_of,
    )


def data_from(topic: str, fields: dict[str, Any]) -> EventData:
    """Build the data of an event from plain JSON values, strictly; instants become UTC.

    Raises UnknownTopicError, and msgspec.ValidationError naming the field and its range.
    """
    try:
        data_type = EVENT_TYPES[topic]
    except KeyError:
        raise UnknownTopicError(topic) from None
    data = _utc(convert(fields, data_type))
    problem = data.problem()
    if problem:
        raise msgspec.ValidationError(problem)
    return data


def _utc(data: EventData) -> EventData:
    instants = {
        name: real_instant(value)
        for name in data.__struct_fields__
        if isinstance(value := getattr(data, name), datetime.datetime)
    }
    return msgspec.structs.replace(data, **instants) if instants else data


def data_fields(data: EventData) -> dict[str, Any]:
    """Return the fields that are set, as plain JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(data, enc_hook=_plain)
    return plain
