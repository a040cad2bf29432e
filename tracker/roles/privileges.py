"""Which role may do what with which table: the least that its commands need."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.store.heartbeats import FIGURES
from tracker.store.tables import heartbeats

OWNER, COORDINATOR, SCHEDULER, AUDITOR = "owner", "coordinator", "scheduler", "auditor"
ROLES = (OWNER, COORDINATOR, SCHEDULER, AUDITOR)
"""Roles that people are given."""
LIMITED = "site_coordinator"
"""The group of coordinators who are limited to sites."""
GROUPS = (*ROLES, LIMITED)
"""Everything that has a group on the server."""
ISSUED = ("reminder-issued", "reminder-skipped")
"""Topics of what a scheduler may append."""

READ = "SELECT"
ADD = "SELECT, INSERT"
WRITE = "SELECT, INSERT, UPDATE, DELETE"
SET = "SELECT, INSERT, UPDATE"


class Grant(NamedTuple):
    """What one group may do with one table."""

    table: str
    group: str
    privileges: str


MODELS = (
    "episode_index", "worklist", "worklist_counts", "reminders", "alerts", "tallies", "counters",
    "parked",
)  # fmt: skip
"""Tables of rows that are made from the log, in the transaction that appends to it."""
_STATE = ("projection_state",)
_READ_BY_ALL = (
    "alembic_version", "copies", "encryption", "restores", "role_groups", "trusts",
)  # fmt: skip
_KEYS = ("patient_keys", "episode_keys")

_COORDINATOR = {
    "episodes": "SELECT, INSERT (uuid)",  # the key is the server's to give
    "events": ADD,
    "protocols": ADD,
    "accesses": "INSERT",
    "outbox": SET,
    "outbox_retries": ADD,
    "digests": READ,
    "heartbeats": READ,
    "silences": READ,
    "key_store": READ,
} | dict.fromkeys(_KEYS, ADD)
_SEEN = ", ".join(c.name for c in heartbeats.c if c.name not in FIGURES)
_LIMITED = {"heartbeats": f"SELECT ({_SEEN})"}
_SCHEDULER = {
    "episodes": READ,
    "events": ADD,
    "protocols": READ,
    "accesses": ADD,
    "outbox": SET,
    "outbox_retries": ADD,
    "digests": SET,
    "heartbeats": WRITE,
    "silences": ADD,
    "trusts": ADD,
    "restores": "SELECT, UPDATE (settled_at)",
    "key_store": READ,
} | dict.fromkeys(_KEYS, READ)
_AUDITOR = {
    "episodes": READ,
    "events": READ,
    "protocols": READ,
    "accesses": ADD,
    "outbox": READ,
    "outbox_retries": READ,
    "digests": READ,
    "heartbeats": READ,
    "silences": READ,
    "key_store": READ,
    "login_sites": READ,
    "site_lifts": READ,
} | dict.fromkeys(_KEYS, READ)


def grants() -> Iterator[Grant]:
    """Yield what each group may do. The owner may do everything, since the tables are his."""
    rows = dict.fromkeys(MODELS, WRITE) | dict.fromkeys(_STATE, "SELECT, UPDATE")
    seen = dict.fromkeys((*MODELS, *_STATE), READ)
    common = dict.fromkeys(_READ_BY_ALL, READ)
    for group, own in (
        (COORDINATOR, _COORDINATOR | rows),
        (LIMITED, _COORDINATOR | rows | _LIMITED),
        (SCHEDULER, _SCHEDULER | rows),
        (AUDITOR, _AUDITOR | seen),
    ):
        for table, privileges in (common | own).items():
            yield Grant(table, group, privileges)
