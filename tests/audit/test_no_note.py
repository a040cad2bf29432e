"""A file that is no checkpoint is told apart from one that nobody trusted has signed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import verify_audit as independent
from tests.audit.both import their_key
from tests.audit.records import KEY, OTHER, Record, make_record
from tracker.audit import kept
from tracker.audit.note import PublicKey
from tracker.cli.audit import findings
from tracker.errors import AuditError

Hurt = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record with checkpoints."""
    return make_record(tmp_path_factory.mktemp("record"), 12)


def codes(file: Path, key: PublicKey) -> list[str]:
    """Return what both verifiers call it; they must call it the same."""
    _, ours = kept.load([file], [key])
    _, theirs = independent.load_checkpoints([str(file)], [their_key(key)])
    assert [fault.code for fault in ours] == [fault.code for fault in theirs]
    return [fault.code for fault in ours]


def advice(file: Path, key: PublicKey) -> str:
    """Return what the program says is to be done."""
    _, faults = kept.load([file], [key])
    with pytest.raises(AuditError) as raised:
        findings.show(faults, [], {}, {}, "json")
    return raised.value.hint or ""


@pytest.mark.parametrize(
    "hurt",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"Dear auditor,\n", id="no note"),
        pytest.param(lambda note: note[: len(note) // 2], id="cut"),
        pytest.param(lambda note: note[:-1], id="cut by a byte"),
        pytest.param(lambda note: note.replace(b"\ntime 20", b"\ntime 19"), id="edited"),
        pytest.param(lambda note: b"Dear auditor,\n\n" + note, id="greeted"),
        pytest.param(lambda note: note + b"\nYours\n", id="signed by hand"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_to_be_looked_at(
    record: Record, tmp_path: Path, hurt: Hurt
) -> None:
    """The key is right: nobody is sent to ask for another."""
    note = record.checkpoints[0].note
    assert hurt(note) != note
    file = tmp_path / "a.checkpoint"
    file.write_bytes(hurt(note))
    assert codes(file, KEY.public) == ["note"]
    assert "another copy" in advice(file, KEY.public)


def test_a_note_that_no_trusted_key_signed_asks_for_the_key(record: Record) -> None:
    """It is whole, and by somebody else."""
    file = min(record.outside.iterdir())
    assert codes(file, KEY.public) == []
    assert codes(file, OTHER.public) == ["signature"]
    assert "public key is the right one" in advice(file, OTHER.public)
