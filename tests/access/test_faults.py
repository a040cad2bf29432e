"""A look that cannot be recorded, or not yet: what is shown is on record, whatever happens."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest

from tests.access.conftest import look
from tests.access.planted import records, run
from tests.faults import ward
from tests.faults.full_disk import MOST, leave_room
from tests.faults.program import bound_by_modes, refused, tracker
from tracker import access
from tracker.access.recording import UnrecordedError, record
from tracker.cli import render
from tracker.errors import StoreError
from tracker.store.database import FILE_NAME, Database

Record = Callable[[Database], None]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a few episodes."""
    ward.make(tmp_path / "home")
    return tmp_path / "home"


def at_the_first_byte(home: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many accesses were on record when `show` wrote its first byte."""
    found: list[int] = []
    echo = click.echo

    def watched(*words: object, **options: object) -> None:
        found.append(records(home).accesses)
        echo(*words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(click, "echo", watched)
    assert run(home, "show", "ref o1", "--format", "json", now=ward.NOW).exit_code == 0
    return found[0]


def test_on_record_before_the_first_byte(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the plug out while it is shown takes nothing off the record."""
    assert at_the_first_byte(home, monkeypatch) == 1


def test_twin_that_records_afterwards_is_caught(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the gate the first byte comes before the record."""
    monkeypatch.setattr(render, "before_output", lambda: None)
    assert at_the_first_byte(home, monkeypatch) == 0


@pytest.mark.parametrize("command", [("show", "ref o1"), ("worklist",), ("export", "--all")])
def test_a_file_that_cannot_be_written(home: Path, command: tuple[str, ...]) -> None:
    """A tracker that can only be read shows nobody, and says why."""
    (home / FILE_NAME).chmod(0o400)
    answer = tracker(home, *command, preexec_fn=bound_by_modes)
    assert answer.out == ""
    assert refused(answer, "nothing is shown", "read-only", "check the rights")


def looked(home: Path, pages: int, recorded: Record) -> tuple[int, int]:
    """Look until there is no more room; return the looks acknowledged, and those on record."""
    done = 0
    with ward.opened(home) as service:
        leave_room(service, pages)
        with suppress(UnrecordedError):
            for _ in range(MOST):
                recorded(service.database)
                done += 1
    return done, records(home).accesses


def look_on(database: Database) -> None:
    """Look until that is refused."""
    for _ in range(MOST):
        long_look(database)


def long_look(database: Database) -> None:
    """Record a look that takes room."""
    told = access.Access(at=ward.NOW, actor="anna", command="find", query={"text": "x" * 2000})
    record(database, [told], lambda _: None)


@pytest.mark.parametrize("pages", [0, 1, 5])
def test_room_runs_out(home: Path, pages: int) -> None:
    """Every look that was shown is on record, up to the last that there was room for."""
    done, kept = looked(home, pages, long_look)
    assert done == kept < MOST


def test_a_full_disk_is_named(home: Path) -> None:
    """It is said why nothing is shown, and what to do."""
    with ward.opened(home) as service:
        leave_room(service, 0)
        with pytest.raises(UnrecordedError, match=r"nothing is shown.* is full") as caught:
            look_on(service.database)
    assert "free some space" in str(caught.value.hint)


def test_twin_that_shows_without_room_is_caught(home: Path) -> None:
    """Going on without room shows what is not on record."""

    def careless(database: Database) -> None:
        with suppress(StoreError):
            long_look(database)

    done, kept = looked(home, 1, careless)
    assert kept < done


def test_many_look_at_once(home: Path) -> None:
    """Looks that come together stand in one chain without gaps."""
    with ward.opened(home) as service:
        work = [threading.Thread(target=_looks, args=(service.database,)) for _ in range(4)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        with service.database.reading() as conn:
            assert access.head(conn)[0] == 4 * 10
            assert access.first_broken(access.links(conn)) is None


def _looks(database: Database) -> None:
    for _ in range(10):
        record(database, [look(None)], lambda _: None)
