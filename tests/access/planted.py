"""A tracker with planted episodes, and what must not be shown of them without a record."""

import datetime
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from projections import writer
from tests.places import Place, located
from tracker.cli import main
from tracker.store.database import open_database

OPENED = datetime.datetime(2026, 3, 2, 8, tzinfo=datetime.UTC)
NOW = datetime.datetime(2026, 3, 9, 9, tzinfo=datetime.UTC)
FIRST, SECOND, PARKED = "planted-1", "planted-2", "lagging-3"
PATCH, SURGERY = "blood-patch-performed", "surgery-performed"
SAID = {
    FIRST, SECOND, PARKED, "MRN-PLANTED", "MRN-OTHER", "MRN-LATE", "a planted note",
    f"planted-{PATCH}", f"planted-{SURGERY}",
}  # fmt: skip
CONFIG = """
[channels.gone]
kind = "file"
path = "none/such.jsonl"
[[recipients]]
channel = "gone"
"""
BUILT_IN = "csf-leak-post-spine-surgery@1"
LINE = (
    '{{"episode": "planted-1", "id": "{}", "event": "leak-suspected", "data": {{}},'
    ' "occurred_at": "2026-03-05T08:00:00Z", "actor": "anna"}}\n'
)
"""A line to import, under an id."""


SITE = f"""
base = "{BUILT_IN}"
version = "1.site"
[settings]
early_review_due_hours = 72
"""


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now

    def __call__(self) -> datetime.datetime:
        """Return where it stands."""
        return self.now


def run(place: Place, *arguments: str, now: datetime.datetime = NOW) -> Result:
    """Run a command line on a tracker."""
    location = located(place)
    options = ["--home", str(location.home)]
    if location.database_url is not None:
        options += ["--database", location.database_url]
    return CliRunner().invoke(main, [*options, *arguments], obj=Clock(now))


def plant(place: Place) -> None:
    """Make a tracker with three episodes: two of one patient, the last one with rows that lag."""
    home = located(place).home
    _do(place, "open", "--patient", "MRN-PLANTED", "--reference", FIRST, "--coordinator", "anna")
    _do(place, "open", "--patient", "MRN-OTHER", "--reference", SECOND)
    for fact in (SURGERY, PATCH):
        _do(place, "record", fact, FIRST, "--id", f"planted-{fact}")
    _do(place, "record", "leak-suspected", FIRST, "--basis", "a planted note", "--id", "planted")
    (home / "config.toml").write_text(CONFIG)
    run(place, "scheduler", "tick", now=OPENED + datetime.timedelta(days=2))
    with open_database(located(place)) as database, database.writing() as conn:
        last = "SELECT id FROM outbox WHERE state = 'pending' ORDER BY id DESC LIMIT 1"
        conn.execute(text(f"UPDATE outbox SET state = 'dead' WHERE id = ({last})"))
    _do(place, "show", SECOND)
    (home / "new").write_text(LINE.format("new"))
    (home / "other").write_text(LINE.format(f"planted-{PATCH}"))
    (home / "site.toml").write_text(SITE)
    _do(place, "protocol", "add", str(home / "site.toml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "add", None)
        _do(place, "open", "--patient", "MRN-LATE", "--reference", PARKED)


def _do(place: Place, *arguments: str) -> None:
    result = run(place, *arguments, now=OPENED)
    assert result.exit_code == 0, result.output


def _asked(place: Place, query: str) -> list[Any]:
    with open_database(located(place)) as database, database.reading() as conn:
        return list(conn.execute(text(query)).scalars())


def filled(line: str, place: Place) -> str:
    """Put in what is only known once a tracker is planted."""
    home = located(place).home
    (message,) = _asked(place, "SELECT id FROM outbox WHERE state = 'pending' ORDER BY id LIMIT 1")
    files = {name: home / name for name in ("new", "other")}
    files["target"] = home.parent / f"copy-{uuid4().hex}"
    return line.format(message=message, protocol=f"{BUILT_IN}.site", **files)


def words(place: Place) -> set[str]:
    """Return everything by which somebody could know the planted episodes."""
    uuids = map(UUID, _asked(place, "SELECT uuid FROM episodes"))
    states = map(json.loads, _asked(place, "SELECT state FROM events"))
    short_ids = {state["data"].get("short_id") for state in states} - {None}
    return SAID | {str(uuid) for uuid in uuids} | short_ids


class Records(NamedTuple):
    """How many records of either kind there are."""

    accesses: int
    events: int


def records(place: Place) -> Records:
    """Count what is on record."""
    tables = ("accesses", "events")
    return Records(*(_asked(place, f"SELECT count(*) FROM {table}")[0] for table in tables))


class Answer(NamedTuple):
    """What a command line showed of the planted episodes, and what it left on record."""

    code: int
    shown: frozenset[str]
    accesses: int
    events: int
    told: str

    @property
    def unrecorded(self) -> bool:
        """Whether it showed something of somebody and left no record."""
        return bool(self.shown) and not self.accesses and not self.events


def answer(place: Place, arguments: Sequence[str]) -> Answer:
    """Run a command line, and compare what it shows with what it left on record."""
    known, before = words(place), records(place)
    result = run(place, *arguments)
    after = records(place)
    # What was typed is no secret.
    typed = {word for word in known for argument in arguments if word in argument}
    shown = frozenset(word for word in known - typed if word in result.output)
    grown = (now - then for now, then in zip(after, before, strict=True))
    return Answer(result.exit_code, shown, *grown, result.output)
