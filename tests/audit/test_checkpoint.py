"""Checkpoints: what they state, how they are kept, and that none is signed of another log."""

import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scripts import verify_audit as independent
from tests.audit import attacks
from tests.audit.attacks import owned
from tests.audit.both import agreed, their_key
from tests.audit.records import KEY, OTHER, Record, make_record, sign
from tests.faults import ward
from tracker.audit import kept, signing
from tracker.audit.checkpoint import Checkpoint, Extent, digest, parse
from tracker.audit.kept import SUFFIX
from tracker.audit.note import NoteError, signed
from tracker.errors import AuditError, ConflictError
from tracker.store import sequence

CHECKPOINT = Checkpoint(
    origin="hospital.example/ward",
    time=datetime.datetime(2026, 3, 5, 9, tzinfo=datetime.UTC),
    events=Extent(3, bytes(32), b"t" * 32),
    accesses=Extent(0, b"g" * 32, b"e" * 32),
    protocols={"ward@1": b"p" * 32},
    previous=b"b" * 32,
)


def test_it_is_written_in_the_form_of_c2sp() -> None:
    """Origin, size and hash by the line, then lines of our own, none of them empty."""
    lines = CHECKPOINT.text().splitlines()
    assert lines[:3] == ["hospital.example/ward", "3", "A" * 43 + "="]
    assert [line.split(" ")[0] for line in lines[3:]] == [
        "time", "tree", "access", "protocol", "previous",
    ]  # fmt: skip


def test_it_is_read_as_it_was_written() -> None:
    """By both verifiers; lines that they do not know are passed over."""
    text = CHECKPOINT.text() + "witness of the north\n"
    assert parse(text) == CHECKPOINT
    own = independent.read_checkpoint("x", signed(text, KEY), [their_key(KEY.public)])
    assert (own.events, own.looks, own.protocols) == (
        CHECKPOINT.events, CHECKPOINT.accesses, CHECKPOINT.protocols,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n3\n", "\n03\n"), ("\n3\n", "\n-3\n"), ("\n3\n", "\n٣\n"), ("\n3\n", "\n\n"),
        ("time ", "when "), ("Z\n", "\n"), ("time 2026", "time 9999999"), ("tree ", "tree  "),
        ("tree ", "access "), ("access 0", "access"), ("AAAA=\n", "AAAB=\n"),
        ("previous ", "previous x "),
        ("protocol ward@1", "protocol ward@1 eHh4\nprotocol ward@1"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_form_is_refused(before: str, after: str) -> None:
    """By both verifiers, even if it is signed."""
    text = CHECKPOINT.text().replace(before, after, 1)
    assert text != CHECKPOINT.text()
    with pytest.raises(NoteError):
        parse(text)
    with pytest.raises(ValueError):  # noqa: PT011 (any)
        independent.read_checkpoint("x", signed(text, KEY), [their_key(KEY.public)])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a small record; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"), 20)


@pytest.fixture
def record(original: Record, tmp_path: Path) -> Record:
    """Return a record to hurt, with checkpoints of its own."""
    copy = original.copied(tmp_path / "home")._replace(outside=tmp_path / "outside")
    copy.outside.mkdir()
    for file in original.outside.iterdir():
        (copy.outside / file.name).write_bytes(file.read_bytes())
    return copy


def test_it_states_how_far_the_log_goes(record: Record) -> None:
    """Size and hash of the last event, as they are stored."""
    newest = record.checkpoints[-1].checkpoint
    with ward.opened(record.home) as service, service.database.reading() as conn:
        assert sequence.head(conn) == (newest.events.size, newest.events.head)


def test_each_names_the_one_before(record: Record) -> None:
    """By the digest of its text."""
    first, second = record.checkpoints
    assert (first.checkpoint.previous, second.checkpoint.previous) == (None, first.digest)
    assert first.digest == digest(first.checkpoint.text())


def of_one_second(record: Record, old: bool) -> list[str]:
    """Sign twelve times in the second of the newest; return the names in the order of making."""
    stem, made = record.checkpoints[-1].name.removesuffix(SUFFIX), []
    with ward.opened(record.home) as service:
        for number in range(2, 14):
            file = sign(service, record)
            assert file.name.startswith(stem)
            if old:  # as earlier versions named it
                file = file.rename(file.with_name(f"{stem}-{number}{SUFFIX}"))
            made.append(file.name)
    return made


@pytest.mark.parametrize("old", [False, True])
def test_those_of_one_second_are_in_the_order_of_making(record: Record, old: bool) -> None:
    """Each names the one before it, for both verifiers, and old names are read as they were."""
    made = of_one_second(record, old)
    assert [file.name for file in kept.files(record.outside)][-12:] == made
    signed_ones = record.checkpoints
    assert [one.name for one in signed_ones][-12:] == made
    for before, after in pairwise(signed_ones):
        assert after.checkpoint.previous == before.digest
    read = independent.load_checkpoints([str(record.outside)], [their_key(KEY.public)])[0]
    assert [one.name for one in read][-12:] == made
    assert agreed(record.home, signed_ones).remarks == []


def test_new_names_sort_by_themselves(record: Record) -> None:
    """A list of the directory has them in the order of making."""
    made = of_one_second(record, old=False)
    assert sorted(made) == made


def test_a_log_that_was_cut_off_is_not_signed(record: Record) -> None:
    """Who signs verifies first, against every checkpoint that he knows."""
    with owned(record.file) as db:
        db.execute("DELETE FROM events WHERE position > 15")
        attacks.tidy(db)
    with ward.opened(record.home) as service, pytest.raises(AuditError, match="nothing is signed"):
        sign(service, record)
    assert len(list(record.outside.iterdir())) == 2


def test_who_knows_no_earlier_one_signs_it(record: Record, tmp_path: Path) -> None:
    """The twin without the earlier checkpoints signs what was cut off."""
    with owned(record.file) as db:
        db.execute("DELETE FROM events WHERE position > 15")
        db.execute("DELETE FROM accesses")
        attacks.rechain_looks(db)
        attacks.tidy(db)
    forgetful = record._replace(outside=tmp_path / "empty")
    forgetful.outside.mkdir()
    with ward.opened(record.home) as service:
        assert sign(service, forgetful).exists()


def test_none_is_ever_overwritten(record: Record, tmp_path: Path) -> None:
    """A second one of the same second gets another name; a file that is named has to be new."""
    with ward.opened(record.home) as service:
        sign(service, record)
    newest = record.checkpoints[-1]
    assert len(record.checkpoints) == 3
    (tmp_path / "there").write_text("something")
    with pytest.raises(ConflictError):
        kept.keep(newest.note, newest.checkpoint, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "something"


def test_a_directory_is_read_from_the_oldest_on(record: Record) -> None:
    """And what is in it without being one is told of."""
    (record.outside / "x.checkpoint").write_text("nothing")
    (record.outside / "notes.txt").write_text("not read")
    signed_, faults = kept.load([record.outside], [KEY.public, OTHER.public])
    sizes = [s.checkpoint.events.size for s in signed_]
    assert (len(sizes), sizes) == (2, sorted(sizes))
    assert [fault.text.partition(";")[0] for fault in faults] == [
        "x.checkpoint: it is no signed note"
    ]


def test_one_that_is_missing_between_others_is_remarked_on(record: Record) -> None:
    """Each names the one before it; somebody may have taken that away."""
    with ward.opened(record.home) as service:
        ward.add(service, [99])
        sign(service, record)
    first, _, last = record.checkpoints
    assert agreed(record.home, record.checkpoints).remarks == []
    found = agreed(record.home, [first, last])
    assert (found.stands, found.remarks) == (True, [("checkpoint", None, "gap")])


def test_what_was_changed_since_it_was_verified_is_not_signed(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is signed is read first, and held against what is verified after it."""
    held = signing.state

    def changed(*given: Any) -> Checkpoint:
        with owned(record.file) as db:
            (before,) = db.execute("SELECT hash FROM events WHERE position = 3").fetchone()
            db.execute("UPDATE events SET hash = zeroblob(32) WHERE position = 3")
        made = held(*given)
        with owned(record.file) as db:
            db.execute("UPDATE events SET hash = ? WHERE position = 3", (before,))
        return made

    monkeypatch.setattr(signing, "state", changed)
    with ward.opened(record.home) as service, pytest.raises(AuditError, match="tree"):
        sign(service, record)
    monkeypatch.setattr(signing, "ensure", lambda *_: None)
    with ward.opened(record.home) as service:
        assert sign(service, record).exists()
