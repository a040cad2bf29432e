"""A server taken back to a moment, by the settings and commands that docs/backup.md shows."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.conftest import Tracker, clock
from tests.faults import settings
from tests.postgres.server import NEWEST, SAFE, Server, programs, user
from tracker.config import Location

__all__ = ["clock"]

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"
VERSION = settings.setting("SERVER", NEWEST)
EPISODES = settings.setting("EPISODES", 3)
"""Recorded before the base backup, between it and the moment, and after the moment."""
BEFORE, GAP, LATER = "2026-03-03T10:00:00Z", "2026-03-04T10:30:00Z", "2026-03-04T11:00:00Z"


class Shown(NamedTuple):
    """What the page shows, with its directories put where the test has room."""

    text: str
    places: dict[str, Path]

    def block(self, form: str, holding: str) -> list[str]:
        """Return the lines of the block of a form that holds a word."""
        blocks = re.findall(rf"^ *```{form}\n(.*?)^ *```$", self.text, re.MULTILINE | re.DOTALL)
        (found,) = [block for block in blocks if holding in block]
        for name, path in self.places.items():
            found = found.replace(name, str(path))
        return [line.strip() for line in found.splitlines()]

    def settings(self, holding: str) -> dict[str, str]:
        """Return the settings of a block."""
        lines = [line.partition(" = ") for line in self.block("conf", holding)]
        return {name: value.strip("'") for name, _, value in lines}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory of whom the server runs as, for its archive and its backup."""
    made = Path(tempfile.mkdtemp(prefix="tracker-recovery-"))
    for path in (made, made / "archive", made / "backup"):
        path.mkdir(exist_ok=True)
        if user():
            os.chown(path, user()["user"], user()["group"])
    yield made
    shutil.rmtree(made)


@pytest.fixture
def page(folder: Path) -> Shown:
    """The page."""
    places = {"/srv/archive": folder / "archive", "/srv/backup": folder / "backup"}
    return Shown(PAGE.read_text(encoding="utf-8"), places)


def run(line: str, server: Server) -> None:
    """Run a command of the page as whom the server runs as."""
    words = shlex.split(line.replace("/postgres", f"/postgres?host={server.folder}", 1))
    found = programs(VERSION) / words[0]
    words[0] = str(found) if found.exists() else words[0]
    options: dict[str, Any] = {"capture_output": True, "timeout": 120, **user()}
    # A wheel may hold a program that does not even tell its version.
    if subprocess.run([words[0], "--version"], check=False, **options).returncode == 0:
        subprocess.run(words, check=True, **options)


def record(tracker: Tracker, name: str) -> None:
    """Record episodes with an operation and a patch."""
    for number in range(EPISODES):
        ref = f"{name}-{number}"
        tracker.ok("open", "--patient", f"MRN {ref}", "--reference", ref, "--time-zone", "UTC")
        tracker.ok("record", "surgery-performed", ref)
        tracker.ok("record", "blood-patch-performed", ref)


def archived(server: Server) -> None:
    """Wait until the archive has everything that was written."""
    ((name,),) = server.execute("SELECT pg_walfile_name(pg_switch_wal())")
    deadline = time.monotonic() + 60
    query = f"SELECT coalesce(last_archived_wal, '') >= '{name}' FROM pg_stat_archiver"
    while not server.execute(query)[0][0]:
        assert time.monotonic() < deadline, server.execute("TABLE pg_stat_archiver")
        time.sleep(0.05)


def recovered(page: Shown, moment: Any) -> Server:
    """Return a server made of the base backup and the archive, taken back to a moment."""
    server = Server(VERSION, SAFE)
    shutil.rmtree(server.data)
    page.places["/srv/postgresql/data"] = server.data
    for line in page.block("sh", "recovery.signal"):
        run(line, server)
    server.settings = SAFE | page.settings("restore_command")
    server.settings["recovery_target_time"] = str(moment)
    server.start()
    deadline = time.monotonic() + 60
    while server.execute("SELECT pg_is_in_recovery()")[0][0]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return server


class Lost(NamedTuple):
    """A server that is gone."""

    moment: Any
    """When all was well."""
    position: int
    """Of the last event until then."""
    known: int
    """Position of the last event that a checkpoint knows."""
    home: Path


def lost(page: Shown, folder: Path, clock: Any) -> Lost:
    """Lose a server with a tracker on it, some time after the moment to take it back to."""
    with Server(VERSION, SAFE | page.settings("archive_command")) as server:
        server.execute("CREATE DATABASE ward")
        tracker = Tracker(Location(folder / "home", server.url("ward")), clock)
        tracker.ok("init")
        clock.move_to(BEFORE)
        key = str(folder / "signing.key")
        tracker.ok("audit", "keygen", "--name", "hospital.example/ward", "--out", key)
        record(tracker, "before")
        tracker.ok("scheduler", "tick")
        for line in page.block("sh", "pg_basebackup"):
            run(line, server)
        record(tracker, "between")
        position = tracker.json("projections", "status")["head"]
        ((moment,),) = server.execute("SELECT clock_timestamp()")
        record(tracker, "after")
        tracker.ok("audit", "checkpoint", "--key", key, "--out", str(folder / "after.checkpoint"))
        known = tracker.json("projections", "status")["head"]
        clock.move_to(GAP)
        tracker.ok("scheduler", "tick")
        archived(server)
    return Lost(moment, position, known, tracker.home)


@pytest.fixture
def ward(page: Shown, folder: Path, clock: Any) -> Iterator[tuple[Tracker, Lost]]:
    """A tracker on a server that was taken back to a moment, and what was lost."""
    gone = lost(page, folder, clock)
    server = recovered(page, gone.moment)
    clock.move_to(LATER)
    (folder / "new").mkdir()  # of the machine that the schedulers run on
    yield Tracker(Location(folder / "new", server.url("ward")), clock), gone
    server.remove()


def reminders(home: Path) -> dict[str, dict[str, Any]]:
    """Return every reminder that was sent from a home, by its id, alone or in a bundle."""
    file = home / "reminders.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    told = [reminder for line in lines for reminder in line.get("reminders", [line])]
    return {reminder["event"] if "event" in reminder else reminder["id"]: reminder
            for reminder in told}  # fmt: skip


def test_a_server_taken_back_to_a_moment(ward: tuple[Tracker, Lost], folder: Path) -> None:
    """All until then stands up, what is lost is named, and what was sent meanwhile says so."""
    tracker, gone = ward
    tracker.ok("worklist")  # somebody looks too soon: that makes the backup no younger
    against = ("--checkpoint", str(folder / "after.checkpoint"))
    told = tracker.json("db", "restored", *against, "--public-key", f"{folder}/signing.key.pub")
    assert (told["position"], told["lists"], told["taken_at"]) == (gone.position, "same", BEFORE)
    assert told["missing"] == {"from": gone.position + 1, "to": gone.known}
    assert tracker.json("projections", "rebuild", "--verify")["differences"] == []
    tracker.ok("scheduler", "tick")
    before, again = reminders(gone.home), reminders(tracker.home)
    assert again
    assert set(again) <= set(before)
    assert {reminder["restored_from"] for reminder in again.values()} == {BEFORE}
