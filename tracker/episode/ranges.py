"""The type of a field in words: its range, its unit, its choices."""

from typing import Any

from msgspec import inspect

from tracker.events import EVENT_TYPES


def _field(topic: str, name: str) -> Any:
    info = inspect.type_info(EVENT_TYPES[topic])
    return next(f for f in info.fields if f.name == name).type  # type: ignore[attr-defined]


def _bare(kind: Any) -> tuple[Any, str]:
    """Return the type inside annotations and `| None`, and its unit."""
    unit = ""
    while True:
        if isinstance(kind, inspect.Metadata):
            unit = (kind.extra or {}).get("unit", unit)
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            kind = next(t for t in kind.types if not isinstance(t, inspect.NoneType))
        else:
            return kind, unit


def words(topic: str, name: str) -> list[str]:
    """Return the choices of a field with a vocabulary, else nothing."""
    kind, _ = _bare(_field(topic, name))
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        kind, _ = _bare(kind.item_type)
    return [str(v) for v in kind.values] if isinstance(kind, inspect.LiteralType) else []


def described(topic: str, name: str) -> str:
    """Return what a field takes, in words."""
    return _described(*_bare(_field(topic, name)))


def _described(kind: Any, unit: str) -> str:
    match kind:
        case inspect.FloatType() | inspect.IntType():
            # A scale that names its own range, such as NRS 0-10, says it once.
            return f"a number {_bounds(kind)} {unit.partition(' ')[0]}".rstrip()
        case inspect.LiteralType():
            return "one of " + ", ".join(str(v) for v in kind.values)
        case inspect.VarTupleType() | inspect.ListType():
            return "a list; each item " + _described(*_bare(kind.item_type))
        case inspect.BoolType():
            return "true or false"
        # A test clock makes instants, and they alone, a type that is not built in.
        case inspect.DateTimeType() | inspect.CustomType():
            return "an instant with a UTC offset, such as 2026-02-04T10:00:00Z"
        case inspect.StrType():
            return _text(kind)
        case _:
            return "an object of fields and new values"


def _bounds(kind: Any) -> str:
    low = f"from {kind.ge:g}" if kind.ge is not None else ""
    low = f"over {kind.gt:g}" if kind.gt is not None else low
    high = f"to {kind.le:g}" if kind.le is not None else ""
    high = f"up to {kind.le:g}" if kind.gt is not None and high else high
    return " ".join(part for part in (low, high) if part)


def _text(kind: Any) -> str:
    if kind.pattern:
        return f"text like {kind.pattern}"
    return f"text of {kind.min_length or 0} to {kind.max_length} characters"
