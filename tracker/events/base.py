"""What every event class has: its topic, what kind of thing it tells, and a registry of topics."""

import enum
from collections.abc import Callable
from typing import ClassVar, TypeVar

import msgspec


class Role(enum.Flag):
    """What an event is to the pathway; the words of the specification."""

    NONE = 0
    FINDING = enum.auto()
    """Tells how the patient is; the latest one decides the leak state."""
    PROCEDURE = enum.auto()
    """Something done to the patient, imaging included."""
    INTERVENTION = enum.auto()
    """Directed at the leak (an aspiration only with a patch: see `is_intervention`)."""
    PATCH = enum.auto()
    """Starts the clock P (an aspiration only with a patch)."""
    BREACH = enum.auto()
    """Breaches the dura for certain or by its nature; starts the clock D."""
    ORDER = enum.auto()
    """An act planned, cancelled, declined or deferred."""
    DRUG = enum.auto()
    """A drug given, started or stopped."""
    LEDGER = enum.auto()
    """About the record or the follow-up itself, not about the patient."""
    SCHEDULER = enum.auto()
    """Written by the program alone: by its scheduler, or when a patient is erased."""


class EventData(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The `data` of one event. A field that is absent is unknown, and unknown is never no."""

    topic: ClassVar[str] = ""
    role: ClassVar[Role] = Role.NONE
    schema_version: ClassVar[int] = 1
    is_finding: ClassVar[bool] = False
    is_procedure: ClassVar[bool] = False
    is_ledger: ClassVar[bool] = False
    is_clinical: ClassVar[bool] = False
    """A finding, a procedure or a drug: something that happened to the patient."""
    rank: ClassVar[int] = 0
    """Place among events of one instant: findings, what surrounds them, acts, then the ledger."""

    def problem(self) -> str | None:
        """Return what is missing or cannot be, beyond what the field types say."""
        return None


EVENT_TYPES: dict[str, type[EventData]] = {}
"""Every event class by topic: the allow-list from which stored topics are read."""


def _rank(role: Role) -> int:
    if Role.FINDING in role:
        return 0
    if Role.LEDGER in role:
        return 3
    return 2 if role & (Role.INTERVENTION | Role.ORDER | Role.DRUG) else 1


_Class = TypeVar("_Class", bound=type[EventData])


def event(topic: str, role: Role = Role.NONE) -> Callable[[_Class], _Class]:
    """Declare a class as the data of the event stored under `topic`."""

    def declare(cls: _Class) -> _Class:
        if topic in EVENT_TYPES:
            raise ValueError(f"topic {topic} is declared twice")
        cls.topic = topic
        cls.role = role
        # Asked for every event of every evaluation; testing a flag is many times slower.
        cls.is_finding = Role.FINDING in role
        cls.is_procedure = Role.PROCEDURE in role
        cls.is_ledger = Role.LEDGER in role
        cls.is_clinical = bool(role & (Role.FINDING | Role.PROCEDURE | Role.DRUG))
        cls.rank = _rank(role)
        EVENT_TYPES[topic] = cls
        return cls

    return declare
