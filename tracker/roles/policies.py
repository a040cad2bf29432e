"""Row-level security: a coordinator who is limited to sites sees and writes only theirs.

The owner and whoever is limited to nothing pay nothing for it: for them a policy is `true`.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from tracker.roles.privileges import AUDITOR, COORDINATOR, ISSUED, LIMITED, SCHEDULER

_LIFTED = "(SELECT sites_lifted())"
_OF_SITE = f"{_LIFTED} OR sees_episode(episode_key)"
_MAY_ADD = f"{_LIFTED} OR may_add_to_episode(episode_key)"
_MY_SITE = f"{_LIFTED} OR site = ANY ((SELECT my_sites())::text[])"
_OF_SEEN_EPISODE = "EXISTS (SELECT FROM episode_keys AS k WHERE k.patient_key = patient_keys.id)"
_ISSUES = "topic IN ({})".format(", ".join(f"'{topic}'" for topic in ISSUED))
_RECORDS = f"NOT {_ISSUES}"


class Rule(NamedTuple):
    """Which rows a limited coordinator sees, and which she may write."""

    seen: str
    written: str


LIMITS = {
    "events": Rule(_OF_SITE, f"({_MAY_ADD}) AND {_RECORDS}"),
    "episodes": Rule(f"{_LIFTED} OR sees_episode(key) OR is_new_episode(key)", "true"),
    "episode_index": Rule(_OF_SITE, _MAY_ADD),
    "worklist": Rule(_MY_SITE, f"{_LIFTED} OR ({_MY_SITE}) AND may_add_to_episode(episode_key)"),
    "worklist_counts": Rule(_MY_SITE, _MY_SITE),
    "reminders": Rule(_OF_SITE, _MAY_ADD),
    "alerts": Rule(_OF_SITE, _MAY_ADD),
    "tallies": Rule(_OF_SITE, _MAY_ADD),
    "counters": Rule(_LIFTED, _LIFTED),
    "parked": Rule(_OF_SITE, _MAY_ADD),
    "outbox": Rule(_OF_SITE, _MAY_ADD),
    "outbox_retries": Rule(*2 * ("EXISTS (SELECT FROM outbox WHERE outbox.id = outbox_id)",)),
    "digests": Rule(_LIFTED, _LIFTED),
    "heartbeats": Rule("true", "false"),
    "episode_keys": Rule(f"{_LIFTED} OR sees_key_of(episode)", "true"),
    "patient_keys": Rule(f"{_LIFTED} OR {_OF_SEEN_EPISODE}", "true"),
}
"""What a limited coordinator sees of each table that tells of patients or counts them."""


class Policy(NamedTuple):
    """A policy of one table for some groups."""

    name: str
    table: str
    command: str
    groups: tuple[str, ...]
    seen: str | None = None
    written: str | None = None

    def mark(self, seen: str | None, written: str | None) -> str:
        """Return what tells this policy, and how a server spells its conditions, from any other."""
        told = repr((self.seen, self.written, seen, written))
        return hashlib.sha256(told.encode()).hexdigest()


def policies() -> Iterator[Policy]:
    """Yield the policies of every table that has any."""
    for table, rule in LIMITS.items():
        yield Policy("of_my_sites", table, "ALL", (LIMITED,), rule.seen, rule.written)
        if table == "events":
            yield from _of_events()
        else:
            everybody = (COORDINATOR, SCHEDULER, AUDITOR)
            yield Policy("everywhere", table, "ALL", everybody, "true", "true")
    yield Policy("recorded", "accesses", "INSERT", (COORDINATOR, LIMITED), None, "true")
    yield Policy("everywhere", "accesses", "ALL", (SCHEDULER, AUDITOR), "true", "true")


def _of_events() -> Iterator[Policy]:
    yield Policy("everywhere", "events", "SELECT", (COORDINATOR, SCHEDULER, AUDITOR), "true")
    yield Policy("recorded", "events", "INSERT", (COORDINATOR,), None, _RECORDS)
    yield Policy("issued", "events", "INSERT", (SCHEDULER,), None, _ISSUES)
