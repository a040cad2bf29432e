"""One line on an event, made from its declaration: the fields that are set, with their units."""

import datetime
from typing import Any

from tracker.cli.topics import Quantity, bare, fields_of
from tracker.events import EventData
from tracker.times import local


def summary(data: EventData, zone: str) -> str:
    """Return the fields of an event in words: `volume 18 mL, level L4-L5`."""
    parts = []
    for field in fields_of(type(data)):
        value = getattr(data, field.name)
        if value is None or value == ():
            continue
        unit = Quantity.scale(bare(field.type)[1].get("unit", ""))
        parts.append(f"{_label(field.name, unit)} {_written(value, zone)} {unit}".strip())
    return ", ".join(parts)


def _label(name: str, unit: str) -> str:
    words = name.split("_")
    if unit and len(words) > 1 and unit.lower().replace("deg", "").startswith(words[-1]):
        words.pop()
    return " ".join(words)


def _written(value: Any, zone: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return local(value, zone)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return "+".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{k}={v}" for k, v in value.items())
    return str(value)
