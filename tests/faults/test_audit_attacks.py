"""Whatever the owner of the machine does to a record shows against a checkpoint kept elsewhere."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.audit import attacks
from tests.audit.attacks import Attack, opened, owned
from tests.audit.both import agreed, ours, own
from tests.audit.records import KEY, OTHER, Record, sign
from tests.faults import settings, ward
from tracker.audit import accesses, kept, log, shelf, stretches, verify
from tracker.audit.checkpoint import Signed
from tracker.audit.structure import check as structure

PLAIN = attacks.MAKING + attacks.ROUGH
ALL = PLAIN + attacks.SKILLED


def attack(record: Record, what: Attack, rng: random.Random) -> None:
    """Attack a record; another attempt is made when there was nothing to change."""
    if what in attacks.MAKING:
        with opened(record.file) as db:
            what(db, rng)
        return
    for _ in range(20):
        try:
            with owned(record.file) as db:
                db.execute("BEGIN")
                what(db, rng)
                db.execute("COMMIT")
                return
        except (ValueError, sqlite3.IntegrityError):
            continue
    raise AssertionError(f"{what.__name__} found nothing to change")


def attacked(original: Record, folder: Path, number: int) -> tuple[str, Record]:
    """Return the name of an attack and what it left of a record."""
    rng = random.Random(f"{settings.SEED} {number}")
    what = ALL[number % len(ALL)]
    record = original.copied(folder / str(number))
    attack(record, what, rng)
    return what.__name__, record


def test_every_attack_shows_against_a_checkpoint(
    original: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleting, inserting, moving, swapping, cutting off, writing anew: both verifiers find it."""
    checkpoints = original.checkpoints
    for number in range(settings.ATTACKS):
        monkeypatch.setattr(stretches, "LENGTH", (3, 10, 1000)[number // len(ALL) % 3])
        name, record = attacked(original, tmp_path, number)
        assert not agreed(record.home, checkpoints).stands, (name, number)
        plainly = agreed(record.home)
        assert number % len(ALL) >= len(PLAIN) or not plainly.stands, (name, number)
        if plainly.stands:
            refused_if_forged(record)
        shutil.rmtree(record.home)


def refused_if_forged(record: Record) -> None:
    """Sign what an attack left with another key of that name: neither verifier takes it."""
    forged = record._replace(outside=record.home / "forged")
    forged.outside.mkdir()
    with ward.opened(record.home) as service:
        sign(service, forged, OTHER)
    signed, faults = kept.load([forged.outside], [KEY.public])
    assert (signed, [fault.code for fault in faults]) == ([], ["signature"])
    (note,) = (file.read_bytes() for file in forged.outside.iterdir())
    with pytest.raises(ValueError, match="no trusted key"):
        own([Signed("forged", record.checkpoints[0].checkpoint, b"", note)])


def test_an_untouched_record_stands(original: Record) -> None:
    """Nothing is found where nothing was done."""
    assert agreed(original.home, original.checkpoints) == ([], [])


def test_a_file_rolled_back_shows(record: Record) -> None:
    """An older copy in the place of the file lacks what a later checkpoint covers."""
    shutil.copy(record.earlier, record.file)
    assert agreed(record.home).stands
    found = agreed(record.home, record.checkpoints)
    assert ("events", 37, "truncated") in found.faults


def test_truncation_does_not_show_without_a_checkpoint(record: Record) -> None:
    """Who cuts off the end, and all that would tell, is found by a checkpoint alone."""
    with owned(record.file) as db:
        last = attacks.head(db)
        db.execute("DELETE FROM events WHERE position = ?", (last,))
        attacks.tidy(db)
    assert agreed(record.home).stands
    assert agreed(record.home, record.checkpoints).faults == [("events", last, "truncated")]


def test_writing_everything_anew_does_not_show_without_a_checkpoint(record: Record) -> None:
    """A chain that was computed anew stands by itself."""
    attack(record, attacks.rewrite_well, random.Random(1))
    assert agreed(record.home).stands
    assert not agreed(record.home, record.checkpoints).stands


def test_a_checkpoint_of_another_key_is_none(record: Record) -> None:
    """Who writes the log anew and signs it himself cannot pass for the holder of the key."""
    attack(record, attacks.rewrite_well, random.Random(1))
    refused_if_forged(record)


def nothing(*_: object, **__: object) -> Sequence[object]:
    """Find nothing, whatever is asked."""
    return []


TWINS: dict[str, tuple[Attack, object, str, Callable[..., object]]] = {
    "the end": (attacks.truncate_roughly, log.LogVerifier, "_after", lambda _: None),
    "the beginning": (attacks.before_the_first, log.LogVerifier, "_before", lambda _: None),
    "the ids": (attacks.repeat_id_well, log, "repetitions", nothing),
    "the looks": (attacks.hide_a_look, accesses.AccessChain, "faults", nothing),
    "the columns of looks": (attacks.blame_another, accesses, "first_broken", lambda _: None),
    "the protocols": (attacks.another_protocol, shelf, "faults", nothing),
    "the checkpoints": (attacks.rewrite_well, verify, "compare", nothing),
    "the triggers": (attacks.swallow, structure, "faults", nothing),
    "the indexes": (attacks.hide_by_index, structure, "contents", nothing),
}


@pytest.mark.parametrize("twin", TWINS)
def test_a_verifier_that_leaves_something_out_misses_it(
    twin: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of the verification is what finds some attack."""
    what, where, name, instead = TWINS[twin]
    attack(record, what, random.Random(3))
    checkpoints = record.checkpoints if twin == "the checkpoints" else []
    assert not ours(record.home, checkpoints).stands
    monkeypatch.setattr(where, name, instead)
    assert ours(record.home, checkpoints).stands
