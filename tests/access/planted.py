"""A tracker with planted episodes, and what must not be shown of them without a record."""

import datetime
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from projections import writer
from tracker.cli import main
from tracker.store.database import FILE_NAME

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


def run(home: Path, *arguments: str, now: datetime.datetime = NOW) -> Result:
    """Run a command line on a home."""
    options = ["--home", str(home)]
    return CliRunner().invoke(main, [*options, *arguments], obj=Clock(now))


def plant(home: Path) -> None:
    """Make a home with three episodes: two of one patient, the last one with rows that lag."""
    _do(home, "open", "--patient", "MRN-PLANTED", "--reference", FIRST, "--coordinator", "anna")
    _do(home, "open", "--patient", "MRN-OTHER", "--reference", SECOND)
    for fact in (SURGERY, PATCH):
        _do(home, "record", fact, FIRST, "--id", f"planted-{fact}")
    _do(home, "record", "leak-suspected", FIRST, "--basis", "a planted note", "--id", "planted")
    (home / "config.toml").write_text(CONFIG)
    run(home, "scheduler", "tick", now=OPENED + datetime.timedelta(days=2))
    with closing(sqlite3.connect(home / FILE_NAME)) as conn, conn:
        last = "SELECT id FROM outbox WHERE state = 'pending' ORDER BY id DESC LIMIT 1"
        conn.execute(f"UPDATE outbox SET state = 'dead' WHERE id = ({last})")
    _do(home, "show", SECOND)
    (home / "new").write_text(LINE.format("new"))
    (home / "other").write_text(LINE.format(f"planted-{PATCH}"))
    (home / "site.toml").write_text(SITE)
    _do(home, "protocol", "add", str(home / "site.toml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "add", None)
        _do(home, "open", "--patient", "MRN-LATE", "--reference", PARKED)


def _do(home: Path, *arguments: str) -> None:
    result = run(home, *arguments, now=OPENED)
    assert result.exit_code == 0, result.output


def filled(line: str, home: Path) -> str:
    """Put in what is only known once a home is planted."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        ((message,),) = conn.execute("SELECT id FROM outbox WHERE state = 'pending' LIMIT 1")
    files = {name: home / name for name in ("new", "other")}
    files["target"] = home.parent / f"copy-{uuid4().hex}"
    return line.format(message=message, protocol=f"{BUILT_IN}.site", **files)


def words(home: Path) -> set[str]:
    """Return everything by which somebody could know the planted episodes."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        uuids = [UUID(row[0]) for row in conn.execute("SELECT uuid FROM episodes")]
        states = [json.loads(row[0]) for row in conn.execute("SELECT state FROM events")]
    short_ids = {state["data"].get("short_id") for state in states} - {None}
    return SAID | {str(uuid) for uuid in uuids} | short_ids


class Records(NamedTuple):
    """How many records of either kind there are."""

    accesses: int
    events: int


def records(home: Path) -> Records:
    """Count what is on record."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        counts = (
            conn.execute("SELECT count(*) FROM accesses").fetchone()[0],
            conn.execute("SELECT count(*) FROM events").fetchone()[0],
        )
    return Records(*counts)


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


def answer(home: Path, arguments: Sequence[str]) -> Answer:
    """Run a command line, and compare what it shows with what it left on record."""
    known, before = words(home), records(home)
    result = run(home, *arguments)
    after = records(home)
    # What was typed is no secret.
    typed = {word for word in known for argument in arguments if word in argument}
    shown = frozenset(word for word in known - typed if word in result.output)
    grown = (now - then for now, then in zip(after, before, strict=True))
    return Answer(result.exit_code, shown, *grown, result.output)
