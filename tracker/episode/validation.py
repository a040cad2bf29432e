"""Data as people write it -> event data, or an error that says what would be right."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tracker.errors import UsageError
from tracker.events import EVENT_TYPES, EventData, data_from
from tracker.nearest import meant


def event_type(topic: str) -> type[EventData]:
    """Return the class of a topic; raises UsageError with the topics that look like it."""
    try:
        return EVENT_TYPES[topic]
    except KeyError:
        raise UsageError(
            f"unknown event {topic!r}", hint=meant(topic, sorted(EVENT_TYPES))
        ) from None


def check_names(topic: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raise UsageError for the first name that is not a field of the topic."""
    known = list(known)
    for name in names:
        if name not in known:
            raise UsageError(
                f"{topic} has no field {name!r}",
                hint=meant(name, sorted(known)) if known else "it has no fields",
            )


def checked(topic: str, fields: Mapping[str, Any]) -> EventData:
    """Build the data of an event; raises UsageError that says field, range and unit."""
    cls = event_type(topic)
    check_names(topic, fields, cls.__struct_fields__)
    _check_text(fields)
    try:
        return data_from(topic, dict(fields))
    except msgspec.ValidationError as error:
        raise explained(topic, fields, str(error)) from None


def _check_text(fields: Mapping[str, Any]) -> None:
    try:
        msgspec.json.encode(fields, enc_hook=str)
    except UnicodeEncodeError:
        raise UsageError("the data holds characters that are not valid Unicode") from None


_MISSING = re.compile(r"missing required field `(\w+)`")
_PLACE = re.compile(r" - at `\$\.(\w+)")


def explained(topic: str, fields: Mapping[str, Any], message: str) -> UsageError:
    """Turn what the decoder says about a value into field, range and unit."""
    if missing := _MISSING.search(message):
        return UsageError(f"{topic} needs {missing[1]}")
    place = _PLACE.search(message)
    if place is None:
        return UsageError(f"{topic}: {message}")
    from tracker.episode.ranges import described, words

    name = place[1]
    value = fields.get(name)
    choices = words(topic, name)
    given = list(value) if isinstance(value, list | tuple) else [value]
    wrong = [v for v in given if isinstance(v, str) and v not in choices]
    hint = meant(wrong[0], sorted(choices)) if choices and wrong else None
    return UsageError(
        f"{topic}: {name} must be {described(topic, name)}, not {_shown(value)}",
        hint=hint,
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
