"""One line of JSON -> one event as the client tells it, or what is wrong with the line."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec import Meta as Limits

from tracker import times
from tracker.decoding import decode, decoder
from tracker.episode import checked, event_type
from tracker.episode.validation import check_names
from tracker.errors import TrackerError, UsageError
from tracker.events import EVENT_TYPES, EventData, Role, data_from, real_instant
from tracker.events.fields import EventId, Instant, Name
from tracker.events.lifecycle import EpisodeOpened

BOM = b"\xef\xbb\xbf"


class Line(msgspec.Struct, frozen=True, gc=False):
    """What one line tells."""

    number: int
    episode: str
    """The client's reference, a short id or a uuid."""
    id: str
    occurred_at: Instant
    actor: str | None
    data: EventData


class BadLine(msgspec.Struct, frozen=True):
    """A line that cannot be taken, and why."""

    line: int
    message: str
    hint: str | None
    exit_code: int = 2


class LeftOut(msgspec.Struct, frozen=True):
    """A line that only the scheduler writes; it is counted and left out."""

    line: int
    event: str


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    episode: Name
    id: EventId
    event: str
    occurred_at: Instant
    data: dict[str, Any] | UnsetType | None = UNSET
    actor: Annotated[str, Limits(max_length=200)] | UnsetType | None = UNSET
    # What an export tells beside; the system's own knowledge is never taken from a file.
    recorded_at: Any = UNSET
    recorded_by: Any = UNSET
    source: Any = UNSET

    @property
    def keys(self) -> int:
        """How many keys the line has, those of its data included."""
        optional = (self.actor, self.recorded_at, self.recorded_by, self.source)
        told = sum(value is not UNSET for value in optional)
        return 4 + told + (self.data is not UNSET) + _inside(self.data)


_decoder = decoder(_Envelope)
_KEY = re.compile(rb'(?<!\\)"\s*:')
_NUL = re.compile(rb"(?<!\\)(\\\\)*\\u0000")


def read_lines(stream: Iterable[bytes]) -> Iterator[Line | BadLine | LeftOut]:
    """Read every line that is not blank. CRLF and a byte order mark are accepted."""
    for number, raw in enumerate(stream, start=1):
        text = raw.removeprefix(BOM) if number == 1 else raw
        text = text.strip(b" \t\r\n")
        if text:
            yield read_line(number, text)


def read_line(number: int, raw: bytes) -> Line | BadLine | LeftOut:
    """Read one line."""
    try:
        return _read(number, raw)
    except TrackerError as error:
        return BadLine(number, error.message, error.hint, error.exit_code)
    except RecursionError:
        return BadLine(number, "objects are nested too deep", None)
    except OverflowError:
        return BadLine(number, "a time is out of range", None)


def _read(number: int, raw: bytes) -> Line | LeftOut:
    envelope = _decoded(raw)
    if _NUL.search(raw):  # no argument can hold one either, and no server keeps it
        raise UsageError("it holds a NUL character (\\u0000)", hint="leave it out")
    fields = {k: v for k, v in (envelope.data or {}).items() if v is not None}
    if len(_KEY.findall(raw)) != envelope.keys or b'\\\\"' in raw:
        _check_unique(raw)
    cls = EVENT_TYPES.get(envelope.event) or event_type(envelope.event)
    if Role.SCHEDULER in cls.role:
        return LeftOut(number, envelope.event)
    data = _data(envelope.event, fields)
    if isinstance(data, EpisodeOpened) and data.time_zone is not None:
        times.zone(data.time_zone)
    return Line(
        number,
        envelope.episode,
        envelope.id,
        real_instant(envelope.occurred_at),
        envelope.actor or None,
        data,
    )


def _data(topic: str, fields: dict[str, Any]) -> EventData:
    try:
        return data_from(topic, fields)
    except msgspec.ValidationError:
        return checked(topic, fields)  # says what would be right


def _decoded(raw: bytes) -> _Envelope:
    try:
        return _decoder.decode(raw)
    except UnicodeDecodeError:
        raise UsageError("not valid UTF-8", hint="save the file as UTF-8") from None
    except msgspec.ValidationError as error:
        raise _wrong_envelope(raw, str(error)) from None
    except msgspec.DecodeError as error:
        raise _wrong_json(raw, str(error)) from None


def _wrong_json(raw: bytes, message: str) -> UsageError:
    if _is_json(raw):
        # What the standard parser takes and this one does not: lone surrogates, NaN.
        return UsageError("it holds a number or a character that JSON does not allow")
    return UsageError(f"malformed JSON: {message}", hint="one whole JSON object per line")


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def _wrong_envelope(raw: bytes, message: str) -> UsageError:
    try:
        fields = decode(raw)
    except msgspec.MsgspecError:
        return UsageError(message)
    if not isinstance(fields, dict):
        return UsageError("a line is one JSON object", hint='{"episode": ..., "id": ..., ...}')
    try:
        check_names("a line", fields, _Envelope.__struct_fields__)
    except UsageError as error:
        return error
    for name in ("episode", "id", "event", "occurred_at"):
        if fields.get(name) in (None, ""):
            return UsageError(f"{name} is required", hint="see `tracker schema`")
    if "occurred_at" in message or "`datetime`" in message or "RFC3339" in message:
        return UsageError(
            f"occurred_at must be an instant with a UTC offset, not {fields['occurred_at']!r}",
            hint="such as 2026-02-04T10:00:00Z",
        )
    return UsageError(message.replace("`$.", "`"))


def _inside(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_inside, value.values()))
    if isinstance(value, list):
        return sum(map(_inside, value))
    return 0


def _check_unique(raw: bytes) -> None:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in found]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            raise UsageError(f"the key {twice!r} stands twice; one of the values would be lost")
        return dict(found)

    json.loads(raw, object_pairs_hook=pairs)
