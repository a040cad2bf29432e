"""Where alert rules are entered: by rule id, and by the events that they judge."""

import datetime
from collections.abc import Callable
from typing import TypeVar

from tracker.events import EventData
from tracker.pathway.course import Check, Course

StandingCheck = Callable[[Course, datetime.datetime], None]
_Function = TypeVar("_Function", bound=Callable[..., None])

BEFORE: dict[type[EventData], list[Check]] = {}
"""Checks of an act, judged by the state just before it."""
AFTER: dict[type[EventData], list[Check]] = {}
"""Checks of a finding, judged by the state it makes."""
STANDING: list[StandingCheck] = []
"""Checks of a state, judged at every instant at which something happens."""
RULES: dict[str, list[Callable[..., None]]] = {}
"""The checks of each rule."""
JUDGES: dict[str, set[str]] = {}
"""Topics each rule judges; none for the rules about a state alone."""


def judges(
    rule: str, *types: type[EventData], after: bool = False
) -> Callable[[_Function], _Function]:
    """Enter a check of `rule` on these events, before they are applied or after.

    A check of several rules is entered under each of them and made once.
    """

    def enter(check: _Function) -> _Function:
        table = AFTER if after else BEFORE
        for data_type in types:
            checks = table.setdefault(data_type, [])
            if check not in checks:
                checks.append(check)
        RULES.setdefault(rule, []).append(check)
        JUDGES.setdefault(rule, set()).update(t.topic for t in types)
        return check

    return enter


def stands(*rules: str) -> Callable[[_Function], _Function]:
    """Enter a check of a state."""

    def enter(check: _Function) -> _Function:
        STANDING.append(check)
        for rule in rules:
            RULES.setdefault(rule, []).append(check)
            JUDGES.setdefault(rule, set())
        return check

    return enter
