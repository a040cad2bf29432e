"""A long log is checked in stretches, in several processes if wanted; it comes to the same."""

from pathlib import Path

import pytest

from tests.audit.attacks import owned, rechain
from tests.audit.both import agreed
from tests.audit.records import Record, make_record
from tracker.audit import stretches
from tracker.audit.log import Checked, LogVerifier
from tracker.audit.verify import part_of
from tracker.config import Location
from tracker.store.database import open_database


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record of sixty events; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"))


@pytest.fixture
def record(original: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """Return a record to hurt, of which a stretch has seven events."""
    monkeypatch.setattr(stretches, "LENGTH", 7)
    return original.copied(tmp_path / "home")


def checked(record: Record, processes: int) -> tuple[Checked, list[int]]:
    """Check a log; return what was found and the steps of the progress."""
    steps: list[int] = []
    with open_database(Location(record.home, None)) as database:
        return LogVerifier(database, part_of(database)).run(processes, steps.append), steps


def test_several_processes_find_the_same(record: Record) -> None:
    """Nothing in a log that stands; all of it is counted."""
    (one, steps), (two, others) = checked(record, 1), checked(record, 2)
    assert one == two
    assert (one.fault, sum(steps), steps) == (None, 60, others)


def test_several_processes_name_the_first_position(record: Record) -> None:
    """Also when a later stretch is done earlier."""
    with owned(record.file) as db:
        db.execute("UPDATE events SET topic = 'x' WHERE position IN (16, 44)")
    for processes in (1, 2):
        found, _ = checked(record, processes)
        assert found.fault is not None
        assert found.fault.position == 16


def test_what_a_process_that_helps_cannot_read_is_found_all_the_same(record: Record) -> None:
    """Text that is none stops the driver; the process that is helped looks closely."""
    with owned(record.file) as db:
        db.execute("UPDATE events SET topic = CAST(x'ff' AS TEXT) WHERE position IN (5, 25)")
    (one, _), (two, _) = checked(record, 1), checked(record, 2)
    assert one == two
    assert one.fault is not None
    assert (one.fault.position, one.fault.code) == (5, "hash")


def test_stretches_follow_each_other_and_get_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that all processes are done at about the same time."""
    monkeypatch.setattr(stretches, "LENGTH", 1_000)
    cut = list(stretches.cut(11, 9_000, 2))
    assert [first for first, _ in cut[1:]] == [last + 1 for _, last in cut[:-1]]
    assert (cut[0], cut[-1][1]) == ((11, 1_010), 9_000)
    lengths = [last - first + 1 for first, last in cut]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-2] == 1_000 // 16


def skipped(record: Record) -> int:
    """Let an episode leave out a version between two stretches; return the position after it."""
    with owned(record.file) as db:
        ((key, at),) = db.execute(
            "SELECT episode_key, min(position) FROM events WHERE position > 30"
            " AND position % 7 = 1 GROUP BY episode_key LIMIT 1"
        )
        later = (key, at)
        db.execute(
            "UPDATE events SET version = -version - 1 WHERE episode_key = ? AND position >= ?",
            later,
        )
        db.execute("UPDATE events SET version = -version WHERE version < 0")
        rechain(db)
    return int(at)


def test_a_version_left_out_between_stretches_is_found(record: Record) -> None:
    """Where one stretch ends and another begins an episode goes on where it was left."""
    at = skipped(record)
    assert agreed(record.home).faults == [("events", at, "version")]


def test_without_looking_across_it_is_missed(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin that checks each stretch by itself alone."""
    skipped(record)
    monkeypatch.setattr(LogVerifier, "_skips", lambda *_: False)
    found, _ = checked(record, 1)
    assert found.fault is None


def test_an_id_given_twice_in_different_stretches_is_found(record: Record) -> None:
    """By asking again about episodes that are in several."""
    with owned(record.file) as db:
        ((_, first, last),) = db.execute(
            "SELECT episode_key, min(position), max(position) FROM events"
            " GROUP BY episode_key ORDER BY 3 DESC LIMIT 1"
        )
        (one, other) = (
            state for (state,) in db.execute(
                "SELECT state FROM events WHERE position IN (?, ?) ORDER BY position", (first, last)
            )
        )  # fmt: skip
        end = b',"occurred_at"'
        state = one[: one.index(end)] + other[other.index(end) :]
        db.execute("UPDATE events SET state = ? WHERE position = ?", (state, last))
        rechain(db)
    assert agreed(record.home).faults == [("events", last, "event-id")]


def damage(record: Record, turn: int) -> None:
    """Let the page with some event be one that cannot be read."""
    with owned(record.file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = db.execute("PRAGMA page_size").fetchone()
    raw = bytearray(record.file.read_bytes())
    page = raw.index(b'{"id":"f%d"' % turn) // size * size
    raw[page : page + 8] = bytes(8)
    record.file.write_bytes(raw)


@pytest.mark.parametrize("turn", [10, 30])
def test_a_damaged_page_is_named_by_its_position_whoever_reads_on(
    record: Record, turn: int
) -> None:
    """What is read across stretches, and before later ones, is on that page too."""
    damage(record, turn)
    ((part, position, code),) = agreed(record.home).faults
    assert (part, code) == ("events", "unreadable")
    for processes in (1, 2):
        found, _ = checked(record, processes)
        assert found.fault is not None
        assert (found.fault.position, found.fault.code) == (position, "unreadable")


def test_what_is_wrong_before_a_damaged_page_is_named(record: Record, tmp_path: Path) -> None:
    """The event after it, by which more could be told, cannot be read."""
    hurt = record.copied(tmp_path / "hurt")
    damage(hurt, 30)
    ((_, position, _),) = agreed(hurt.home).faults
    assert position is not None
    with owned(record.file) as db:
        db.execute("UPDATE events SET hash = zeroblob(32) WHERE position = ?", (position - 1,))
    damage(record, 30)
    assert agreed(record.home).faults == [("events", position - 1, "hash")]


def test_a_part_behind_a_damaged_page_stands(record: Record) -> None:
    """Of the episodes that go on in it nothing else is read."""
    damage(record, 10)
    assert agreed(record.home, (), 50, 60).stands


def test_a_position_far_out_takes_no_time(record: Record) -> None:
    """A changed position is missing in its place; what lies between is not walked along."""
    with owned(record.file) as db:
        db.execute("UPDATE events SET position = ? WHERE position = 60", (2**60,))
    for processes in (1, 2):
        found, _ = checked(record, processes)
        assert found.fault is not None
        assert (found.fault.position, found.fault.code) == (60, "missing")
