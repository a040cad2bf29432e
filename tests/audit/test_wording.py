"""How what was found is told: once, in one order, and in numbers that read well."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from scripts import verify_audit as independent
from tests.audit.attacks import owned
from tests.audit.both import agreed, own
from tests.audit.conftest import Tracker
from tests.audit.records import Record, make_record
from tracker.audit.faults import Fault
from tracker.audit.verify import part_of, verify
from tracker.config import Location
from tracker.store.database import open_database


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Return a record with two checkpoints, both of which state each protocol."""
    return make_record(tmp_path / "record", 20)


def told(record: Record) -> tuple[list[str], list[str]]:
    """Return which parts and protocols both verifiers name, in the order in which they do."""
    checkpoints = record.checkpoints
    with open_database(Location(record.home, None)) as database:
        ours = verify(database, part_of(database), checkpoints, lambda _: None).faults
    theirs = independent.verify_database(str(record.home), own(checkpoints), 1, None)
    shown = json.loads(shown_as_json(theirs))["faults"]
    return [named(f) for f in ours], [f"{f['part']} {f['text'].partition(':')[0]}" for f in shown]


def named(fault: Fault) -> str:
    """Return what a fault names."""
    return f"{fault.part} {fault.text.partition(':')[0]}"


def shown_as_json(found: independent.Report) -> str:
    """Return what the independent verifier prints."""
    with contextlib.redirect_stdout(out := io.StringIO()):
        independent.report(found, [], as_json=True)
    return out.getvalue()


def test_a_protocol_is_named_once_however_many_checkpoints_state_it(record: Record) -> None:
    """By the first of them, and by both verifiers in one order."""
    assert len(record.checkpoints) == 2
    with owned(record.file) as db:
        db.execute("UPDATE protocols SET actor = 'eve'")
        db.execute("INSERT INTO protocols VALUES ('a@1', 'x', 'x', 0, 'x')")
    found = agreed(record.home, record.checkpoints).faults
    stored = 2
    assert len(found) == stored + 1
    ours, theirs = told(record)
    assert ours == theirs == sorted(ours)


def test_the_first_checkpoint_that_misses_it_is_named(record: Record) -> None:
    """It says since when."""
    with owned(record.file) as db:
        db.execute("UPDATE protocols SET actor = 'eve' WHERE name = 'ward@1'")
    first = record.checkpoints[0].name
    found = independent.verify_database(str(record.home), own(record.checkpoints), 1, None)
    assert [fault.text for fault in found.faults] == [f"ward@1: it is another one since {first}"]


def said(tracker: Tracker) -> list[str]:
    """Return the lines of the table."""
    return [line.rstrip() for line in tracker.ok("audit", "verify").splitlines()]


@pytest.mark.backends("sqlite")
def test_one_is_no_several(tracker: Tracker, capsys: pytest.CaptureFixture[str]) -> None:
    """By both: `1 look`, `1 event`, `1 episode`."""
    tracker.ok("init")
    tracker.ok("open", "--patient", "MRN-1", "--reference", "x")
    tracker.ok("show", "x")
    assert "1 look" in [line.split("   ")[-1].strip() for line in said(tracker)]
    assert independent.main([str(tracker.home)]) == 0
    assert "checked: 1 event, 1 look\n" in capsys.readouterr().out


def test_help_explains_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """What it takes, and how it ends."""
    with pytest.raises(SystemExit) as ended:
        independent.main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for words in (
        "--checkpoint PATH compare with",
        "--public-key KEY a key whose",
        "--from P only events from",
        "--to P only events up to",
        "--json one JSON object",
        "It ends with 0 if everything stands up, 6 if not",
    ):
        assert words in said
