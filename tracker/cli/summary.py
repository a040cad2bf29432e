"""One line on an event, made from its declaration: the fields that are set, with their units."""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tracker.cli.topics import Quantity, bare, fields_of
from tracker.events import EventData
from tracker.times import local

if TYPE_CHECKING:
    from tracker.audit.amendments import FieldChange

NOTHING = "none"


def summary(data: EventData, zone: str) -> str:
    """Return the fields of an event in words: `volume 18 mL, level L4-L5`."""
    parts = []
    for name, unit in _units(type(data)).items():
        value = getattr(data, name)
        if value is not None and value != ():
            parts.append(f"{_label(name, unit)} {_written(value, zone)} {unit}".strip())
    return ", ".join(parts)


def changed(cls: type[EventData], changes: "Iterable[FieldChange]", zone: str) -> str:
    """Return changes of an event in words: `volume 12 -> 18 mL, level none -> L4-L5`."""
    units, parts = _units(cls), []
    for change in changes:
        unit = units.get(change.field, "")
        old, new = _written(change.before, zone), _written(change.after, zone)
        parts.append(f"{_label(change.field, unit)} {old} -> {new} {unit}".strip())
    return ", ".join(parts)


def _units(cls: type[EventData]) -> dict[str, str]:
    return {f.name: Quantity.scale(bare(f.type)[1].get("unit", "")) for f in fields_of(cls)}


def _label(name: str, unit: str) -> str:
    words = name.split("_")
    if unit and len(words) > 1 and unit.lower().replace("deg", "").startswith(words[-1]):
        words.pop()
    return " ".join(words)


def _written(value: Any, zone: str) -> str:
    if value is None or value == ():
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return local(value, zone)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return "+".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{k}={_written(v, zone)}" for k, v in value.items())
    return str(value)
