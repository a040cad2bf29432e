"""A bundle against a checkpoint for which it was not made: neither a change nor a proof."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from scripts import verify_audit as independent
from tests.audit.both import Found, agreed_on_bundle
from tests.audit.conftest import Tracker
from tests.audit.mangling import sign_anew
from tests.audit.records import KEY, Record, episodes_of, make_record, sign
from tests.faults import ward
from tracker.access import Access, append
from tracker.audit.bundle import contents
from tracker.audit.bundle.export import Order, export
from tracker.audit.checkpoint import Signed
from tracker.audit.note import signed
from tracker.audit.signing import state
from tracker.audit.verify import part_of
from tracker.config import Location
from tracker.store.database import open_database

NO_PROOF: list[Found] = [("access", None, "no-proof"), ("events", None, "no-proof")]
NAMES = {"events": "events", "accesses": "access"}
"""Of the chains, by what a checkpoint calls them."""


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Return a record with a checkpoint at the half and one at the end."""
    return make_record(tmp_path / "record", 20)


def made_with(record: Record, out: Path, known: list[Signed], episode: UUID | None = None) -> Path:
    """Export what is there, with some checkpoints alone."""
    with open_database(Location(record.home, None)) as database:
        stated = state(database, part_of(database).head, KEY.name, ward.NOW)
        export(database, Order(stated, episode, known, (), KEY), out)
    return out


def test_a_checkpoint_that_it_was_not_made_for_is_no_fault(record: Record, tmp_path: Path) -> None:
    """The record is sound and so is the checkpoint: only the path between them is missing."""
    first, last = record.checkpoints
    folder = made_with(record, tmp_path / "bundle", [last], episodes_of(record)[0])
    assert agreed_on_bundle(folder, [KEY.public], [last]).stands
    assert agreed_on_bundle(folder, [KEY.public], [first]).faults == NO_PROOF


def test_one_of_as_many_events_and_fewer_looks_is_no_fault(record: Record, tmp_path: Path) -> None:
    """The looks are a chain of their own, and have proofs of their own."""
    episode, held = episodes_of(record)[0], record.checkpoints[1]
    with ward.opened(record.home) as service:
        with service.database.appending() as conn:
            append(conn, [Access(at=ward.NOW, actor="anna", command="show", episode=episode)])
        sign(service, record)
    folder = made_with(record, tmp_path / "bundle", record.checkpoints[-1:], episode)
    assert agreed_on_bundle(folder, [KEY.public], [held]).faults == NO_PROOF[:1]


def test_one_signed_later_is_no_fault(record: Record, tmp_path: Path) -> None:
    """What a bundle of everything states ends before it, and so do its protocols."""
    folder = made_with(record, tmp_path / "bundle", record.checkpoints)
    with ward.opened(record.home) as service:
        ward.add(service, range(90, 92))
        text = f'id = "new"\nversion = "1"\nbase = "{ward.PROTOCOL}"\ntitle = "New"\n'
        service.protocols.add(text, "new", ward.NOW)
        sign(service, record)
    found = agreed_on_bundle(folder, [KEY.public], record.checkpoints).faults
    assert found == [NO_PROOF[1], ("protocols", None, "no-proof")]


def test_a_checkpoint_of_another_record_stays_a_fault(record: Record, tmp_path: Path) -> None:
    """A path that leads elsewhere shows a change, whoever the bundle was made for."""
    last = record.checkpoints[-1]
    folder = made_with(record, tmp_path / "bundle", [last], episodes_of(record)[0])
    other = stating(last, "events", tree=bytes(32))
    ((_, _, code),) = agreed_on_bundle(folder, [KEY.public], [other]).faults
    assert code == "unproven"


def stating(known: Signed, part: str, **changed: object) -> Signed:
    """Return a checkpoint that states something else of a chain, well signed."""
    extent = getattr(known.checkpoint, part)._replace(**changed)
    checkpoint = known.checkpoint._replace(**{part: extent})  # type: ignore[arg-type]
    return known._replace(checkpoint=checkpoint, note=signed(checkpoint.text(), KEY))


def unseen_episode(record: Record) -> tuple[UUID, Signed]:
    """Add an episode at which nobody looked, and sign; return it and the checkpoint before it."""
    before = record.checkpoints[-1]
    with ward.opened(record.home) as service:
        (episode,) = ward.add(service, range(90, 91))
        sign(service, record)
    return episode, before


@pytest.mark.parametrize("changed", ["head", "tree"])
@pytest.mark.parametrize("part", ["events", "accesses"])
def test_statements_that_contradict_each_other_are_a_fault(
    record: Record, tmp_path: Path, part: str, changed: str
) -> None:
    """Nothing of the episode is under them; that the log was written anew shows all the same."""
    episode, before = unseen_episode(record)
    folder = made_with(record, tmp_path / "bundle", record.checkpoints, episode)
    other = stating(before, part, **{changed: bytes(32)})
    assert agreed_on_bundle(folder, [KEY.public], [before]).stands
    found = agreed_on_bundle(folder, [KEY.public], [before, other]).faults
    size = getattr(before.checkpoint, part).size
    assert found == [(NAMES[part], size, "forked")]


def test_a_statement_that_contradicts_the_bundle_is_a_fault(record: Record, tmp_path: Path) -> None:
    """No look since, so both are of as many; there is none in the bundle whose path could tell."""
    episode, before = unseen_episode(record)
    folder = made_with(record, tmp_path / "bundle", record.checkpoints, episode)
    other = stating(before, "accesses", head=bytes(32))
    size = before.checkpoint.accesses.size
    assert agreed_on_bundle(folder, [KEY.public], [other]).faults == [("access", size, "forked")]


@pytest.mark.parametrize("within", [True, False])
def test_who_takes_out_a_proof_gets_no_better_answer(
    within: bool, record: Record, tmp_path: Path
) -> None:
    """Not proven where only yours is concerned, a fault where the bundle contradicts itself."""
    first, last = record.checkpoints
    known = [first, last] if within else [last]
    with open_database(Location(record.home, None)) as database:
        stated = state(database, part_of(database).head, KEY.name, ward.NOW)
        episode = episodes_of(record)[0]
        order = Order(stated, episode, [first, last], {first.name}, KEY)
        folder = tmp_path / "bundle"
        export(database, order, folder)
    for file in (folder / contents.CHECKPOINTS).iterdir():
        if file.name not in {one.name for one in known}:
            file.unlink()
    proofs = (folder / contents.PROOFS).read_text().splitlines(keepends=True)
    size = first.checkpoint.events.size
    kept = [line for line in proofs if json.loads(line)["size"] != size]
    assert len(kept) < len(proofs)
    (folder / contents.PROOFS).write_text("".join(kept))
    sign_anew(folder, "by the holder")
    found = agreed_on_bundle(folder, [KEY.public], [first])
    codes = {code for _, _, code in found.faults}
    assert not found.stands
    assert codes == ({"unproven", "no-proof"} if within else {"no-proof"})


def test_both_commands_tell_it_apart(
    patched: Tracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and what to ask for; nobody is told to copy the record and stop the writers."""
    key, held, out = tmp_path / "key", tmp_path / "held.checkpoint", tmp_path / "bundle"
    patched.ok("audit", "keygen", "--name", "ward", "--out", str(key))
    patched.ok("audit", "checkpoint", "--key", str(key), "--out", str(held))
    patched.ok("record", "patient-mobilized", "Ms-Miller", "--id", "up")
    patched.ok("audit", "export", "Ms-Miller", "--key", str(key), "--out", str(out))
    options = ("--public-key", f"{key}.pub", "--checkpoint", str(held))
    done = patched.run("audit", "verify", "--bundle", str(out), *options)
    assert (done.exit_code, "made with --checkpoint" in done.stderr) == (1, True)
    assert "stand up" not in done.stderr
    assert independent.main([str(out), *options]) == 1
    assert capsys.readouterr().out.startswith("CANNOT BE CHECKED")


def test_only_a_checkpoint_from_elsewhere_is_said_to_cover(
    patched: Tracker, tmp_path: Path
) -> None:
    """Those in a bundle were made by whoever is audited, the last of them for the bundle."""
    key, held, out = tmp_path / "key", tmp_path / "held.checkpoint", tmp_path / "bundle"
    patched.ok("audit", "keygen", "--name", "ward", "--out", str(key))
    patched.ok("audit", "checkpoint", "--key", str(key), "--out", str(held))
    patched.ok("record", "patient-mobilized", "Ms-Miller", "--id", "up")
    patched.ok("audit", "export", "--all", "--key", str(key), "--out", str(out))
    words = ("audit", "verify", "--bundle", str(out), "--public-key", f"{key}.pub")
    assert patched.json(*words)["checkpoints"] == []
    alone = patched.ok(*words)
    assert "not counted as coverage: 1" in alone
    assert "covers" not in alone
    (found,) = patched.json(*words, "--checkpoint", str(held))["checkpoints"]
    assert found["name"] == held.name
    assert f"covers {found['size']} events" in patched.ok(*words, "--checkpoint", str(held))
