"""`audit verify` on the command line: the first bad position, and what is wrong there."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.audit.attacks import opened, owned
from tests.audit.both import UNREADABLE, agreed
from tests.audit.conftest import Tracker
from tracker.audit import deep

ON_FILES = pytest.mark.backends("sqlite")
"""What SQLite alone has, or what is asked of both verifiers by a directory."""


@pytest.fixture
def keyed(patched: Tracker, tmp_path: Path) -> Tracker:
    """A tracker whose checkpoints are signed by a key in another directory."""
    patched.ok("audit", "keygen", "--name", "hospital.example/ward", "--out", str(tmp_path / "key"))
    (tmp_path / "outside").mkdir()
    return patched


def failed(tracker: Tracker, *options: str) -> str:
    """Verify what does not stand up; return what is said of it."""
    result = tracker.run("audit", "verify", *options)
    assert result.exit_code == 6, result.output
    return result.stderr


def test_what_stands_is_said_in_every_format(patched: Tracker) -> None:
    """Three events, one episode, one protocol; exit code 0."""
    told = patched.json("audit", "verify")
    assert (told["ok"], told["events"], told["episodes"], told["protocols"]) == (True, 3, 1, 1)
    assert "positions 1 to 3; episodes: 1" in patched.ok("audit", "verify")
    rows = [
        json.loads(line)
        for line in patched.ok("audit", "verify", "--format", "ndjson").splitlines()
    ]
    assert {row["state"] for row in rows if "state" in row} == {"ok"}


@ON_FILES
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM events WHERE position = 2", "position 2: missing"),
        ("UPDATE events SET version = 7 WHERE position = 2", "position 2: it is version 7"),
        (
            "UPDATE events SET state = replace(state, 'op', 'po') WHERE position = 2",
            "position 2: the hash does not fit what is stored",
        ),
        (
            "UPDATE events SET hash = zeroblob(32) WHERE position = 2",
            "position 2: the hash does not fit what is stored: the hash was changed",
        ),
        (
            "UPDATE events SET state = CAST(replace(CAST(state AS TEXT), 'op', 'po') AS BLOB)"
            " WHERE position = 2",
            "position 2: the hash does not fit what is stored: the event was changed",
        ),
        ("UPDATE events SET topic = 'x' WHERE position = 3", "position 3: the hash does not fit"),
        ("UPDATE episodes SET uuid = 'x'", "position 1: it names no episode"),
        ("UPDATE events SET episode_key = 9 WHERE position = 3", "position 3: it names no"),
        ("DELETE FROM events WHERE position = 3", "position 3: cut off: positions up to 3"),
        ("INSERT INTO episodes (uuid) VALUES (hex(randomblob(16)))", "1 episode without an event"),
        ("UPDATE protocols SET text = text || '#'", "its hash is not that of its text"),
        ("UPDATE protocols SET name = 'x@1'", "x@1: its text has another name"),
        ("UPDATE events SET position = -1 WHERE position = 1", "position -1: a position before"),
    ],
)
def test_what_was_changed_is_named(patched: Tracker, statement: str, said: str) -> None:
    """The first position that is wrong, what is wrong there, and what to do; exit code 6."""
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute(statement)
    told = failed(patched)
    assert said in told
    assert "change nothing, take a copy" in told


@ON_FILES
def test_a_protocol_that_mentions_little_stands(patched: Tracker, tmp_path: Path) -> None:
    """What it does not mention, its name too, is that of the protocol it is based on."""
    text = 'base = "csf-leak-post-spine-surgery@1"\nversion = "1.ward"\n'
    (tmp_path / "ward.toml").write_text(text)
    patched.ok("protocol", "add", str(tmp_path / "ward.toml"))
    assert patched.json("audit", "verify")["protocols"] == 2
    assert agreed(patched.home).stands


def test_json_has_the_position_and_a_code(patched: Tracker) -> None:
    """For programs that watch."""
    change = "UPDATE events SET topic = 'patient-died' WHERE position = 2"
    patched.execute(change, unguarded=True)
    result = patched.run("audit", "verify", "--format", "json")
    told = json.loads(result.stdout)
    assert (told["ok"], told["faults"][0]["position"], told["faults"][0]["code"]) == (
        False, 2, "hash",
    )  # fmt: skip


def test_a_range_is_verified_by_itself(patched: Tracker) -> None:
    """From the hash that is stored before it; what is outside is not looked at."""
    change = "UPDATE events SET topic = 'patient-died' WHERE position = 1"
    patched.execute(change, unguarded=True)
    assert patched.json("audit", "verify", "--from", "2")["ok"]
    assert "position 1" in failed(patched, "--to", "2")


@pytest.mark.parametrize(("position", "told"), [(3, "1 to 2 stand up"), (1, "none stands up")])
def test_how_far_the_log_stands_up_is_said(patched: Tracker, position: int, told: str) -> None:
    """Whatever comes after the first bad position rests on nothing."""
    change = f"UPDATE events SET topic = 'patient-died' WHERE position = {position}"
    patched.execute(change, unguarded=True)
    assert f"positions 1 to 3; {told}" in patched.run("audit", "verify").stdout


def test_of_a_part_it_is_said_what_was_not_asked(keyed: Tracker, tmp_path: Path) -> None:
    """A tree is computed of the whole log alone."""
    note, key = str(tmp_path / "note.checkpoint"), str(tmp_path / "key")
    keyed.ok("audit", "checkpoint", "--key", key, "--out", note)
    words = ("audit", "verify", "--checkpoint", note, "--public-key", f"{key}.pub")
    told = "1 well signed; that of 2026-03-03 09:00:00Z covers 3 events and 0 looks"
    assert "their trees were not computed" in keyed.ok(*words, "--from", "2")
    said = keyed.ok(*words)
    assert (told in said, "not computed" in said) == (True, False)


def test_a_range_that_is_none_is_refused(patched: Tracker) -> None:
    """Behind the end, or the wrong way round."""
    for options, said in (
        (("--from", "9"), "the log ends at position 3"),
        (("--from", "3", "--to", "1"), "--to is before --from"),
    ):
        code, told = patched.refused("audit", "verify", *options)
        assert (code, said in told) == (2, True)


def test_a_checkpoint_shows_what_was_cut_off(keyed: Tracker, tmp_path: Path, backend: str) -> None:
    """The end, and all that would tell, removed by force."""
    options = ("--checkpoint", str(tmp_path / "outside"), "--public-key", str(tmp_path / "key.pub"))
    keyed.ok("audit", "checkpoint", "--key", str(tmp_path / "key"), "--out", options[1])
    assert keyed.json("audit", "verify", *options)["checkpoints"][0]["size"] == 3
    keyed.execute("DELETE FROM events WHERE position = 3", unguarded=True)
    if backend == "sqlite":
        keyed.execute("UPDATE sqlite_sequence SET seq = 2 WHERE name = 'events'")
    assert keyed.json("audit", "verify")["ok"]
    assert "position 3: cut off" in failed(keyed, *options)


def test_a_checkpoint_needs_a_key_that_is_trusted(keyed: Tracker, tmp_path: Path) -> None:
    """Without any there is nothing that it could prove; another one's is a fault."""
    note = tmp_path / "note.checkpoint"
    keyed.ok("audit", "checkpoint", "--key", str(tmp_path / "key"), "--out", str(note))
    keyed.environ["XDG_CONFIG_HOME"] = str(tmp_path / "nothing")
    code, told = keyed.refused("audit", "verify", "--checkpoint", str(note))
    assert (code, "--public-key FILE" in told) == (2, True)
    keyed.ok("audit", "keygen", "--name", "somebody", "--out", str(tmp_path / "other"))
    other = ("--checkpoint", str(note), "--public-key", str(tmp_path / "other.pub"))
    told = failed(keyed, *other)
    assert "signed by none of the keys" in told
    assert "see that the public key is the right one" in told
    assert "the record does not stand up" not in told


def test_an_event_that_says_it_is_older_is_remarked_on(keyed: Tracker, tmp_path: Path) -> None:
    """It was recorded long before a checkpoint that does not hold it: a wrong clock, or a lie."""
    note = tmp_path / "note.checkpoint"
    keyed.ok("audit", "checkpoint", "--key", str(tmp_path / "key"), "--out", str(note))
    keyed.clock.move_to("2026-03-03T06:00:00Z")
    keyed.ok("record", "patient-mobilized", "Ms-Miller")
    keyed.clock.move_to("2026-03-03T10:00:00Z")
    told = keyed.json(
        "audit", "verify", "--checkpoint", str(note), "--public-key", str(tmp_path / "key.pub")
    )
    assert told["ok"]
    assert [(r["position"], r["code"]) for r in told["remarks"]] == [(4, "clock"), (4, "clock")]


def test_deep_compares_the_lists_with_the_log(patched: Tracker) -> None:
    """A row of a read model that says something else is no fault of the log, and found."""
    assert patched.json("audit", "verify", "--deep")["deep"]
    patched.execute("UPDATE worklist SET stage = 'closed'")
    assert patched.json("audit", "verify")["ok"]
    assert "read-models, 2 rows not as the log says" in failed(patched, "--deep")


@ON_FILES
def test_deep_misses_a_protocol_that_judges(patched: Tracker, tmp_path: Path) -> None:
    """Who takes it away leaves episodes that nobody can judge; the event that names it tells."""
    file = tmp_path / "north.toml"
    file.write_text('base = "csf-leak-post-spine-surgery@1"\nversion = "1.north"\n')
    patched.ok("protocol", "add", str(file))
    name = "csf-leak-post-spine-surgery@1.north"
    patched.ok("protocol", "adopt", "Ms-Miller", name, "--reason", "agreed", "--yes")
    assert patched.json("audit", "verify", "--deep")["ok"]
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute("DELETE FROM protocols WHERE name = ?", [name])
    told = failed(patched, "--deep")
    assert f"protocols, {name} is not stored, by which position 4 says to judge" in told


@ON_FILES
def test_deep_reads_every_event(patched: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chained well and is no event of its topic; the twin that reads nothing misses it."""
    from tests.audit.attacks import rechain

    with owned(patched.home / "tracker.sqlite") as db:
        db.execute(
            "UPDATE events SET state = CAST(replace(CAST(state AS TEXT),"
            " '\"data\":{', '\"data\":{7') AS BLOB) WHERE position = 3"
        )
        rechain(db)
    assert patched.json("audit", "verify")["ok"]
    assert "position 3: it cannot be read" in failed(patched, "--deep")
    monkeypatch.setattr(deep, "_events", lambda *_: [])
    assert "cannot be read" not in failed(patched, "--deep")


@ON_FILES
def test_sqlite_is_asked_about_its_indexes(patched: Tracker) -> None:
    """One that says otherwise than its table hides events from some queries; not asked of parts."""
    with owned(patched.home / "tracker.sqlite") as db:
        (root,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name LIKE 'sqlite_autoindex_events%'"
        ).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = patched.home / "tracker.sqlite"
    raw = bytearray(file.read_bytes())
    entry = raw.index(bytes.fromhex("040901010303"), (root - 1) * size, root * size)
    raw[entry + 5] = 2  # the entry of version 3 leads to position 2
    file.write_bytes(raw)
    assert "schema, an index of events" in failed(patched)
    assert patched.json("audit", "verify", "--to", "2")["ok"]


@ON_FILES
def test_a_damaged_page_is_named_by_its_position(tmp_path: Path) -> None:
    """What can be read is verified, up to where the file cannot be."""
    from tests.audit.records import make_record

    record = make_record(tmp_path, 60)
    with owned(record.file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = db.execute("PRAGMA page_size").fetchone()
    raw = bytearray(record.file.read_bytes())
    place = raw.rindex(b'"leak-suspected"') if b'"leak-suspected"' in raw else raw.rindex(b'"f30"')
    page = place // size * size
    raw[page : page + 8] = bytes(8)
    record.file.write_bytes(raw)
    ((part, position, code), *_) = agreed(record.home).faults
    assert (part, code) == ("events", "unreadable")
    assert position is not None
    assert position > 10


def test_a_directory_without_checkpoints_is_refused(keyed: Tracker, tmp_path: Path) -> None:
    """Who verifies against nothing is not to believe that something stood up against it."""
    options = ("--checkpoint", str(tmp_path / "outside"), "--public-key", str(tmp_path / "key.pub"))
    for words in (("verify",), ("verify", "--bundle", str(tmp_path))):
        code, told = keyed.refused("audit", *words, *options)
        assert (code, "outside holds no checkpoint" in told) == (3, True)


def test_what_was_not_done_is_not_said(patched: Tracker) -> None:
    """The lists are not built anew for a log that does not stand up."""
    patched.execute("UPDATE events SET topic = 'x' WHERE position = 2", unguarded=True)
    told = patched.run("audit", "verify", "--deep").stdout
    assert "built anew" not in told


@ON_FILES
@pytest.mark.parametrize("table", ["events", "accesses"])
def test_a_counter_that_is_no_number_stops_whoever_records(patched: Tracker, table: str) -> None:
    """In words, and nothing is recorded or shown."""
    with sqlite3.connect(patched.home / "tracker.sqlite") as db:
        db.execute(f"INSERT OR REPLACE INTO sqlite_sequence VALUES ('{table}', 'x')")
        db.execute(f"UPDATE sqlite_sequence SET seq = 'x' WHERE name = '{table}'")
    words = ("show", "Ms-Miller")
    if table == "events":
        words = ("record", "patient-mobilized", "Ms-Miller")
    code, told = patched.refused(*words)
    assert (code, f"what counts the positions of {table} was changed" in told) == (1, True)


@ON_FILES
def test_a_file_whose_names_are_no_text_is_refused_in_words(patched: Tracker) -> None:
    """SQLite names in its own words what it cannot read, and that is no text either."""
    with opened(patched.home / "tracker.sqlite") as db:
        db.execute("PRAGMA writable_schema = ON")
        what = "SET name = x'FFFE', sql = 'x' WHERE name = 'events_refuse_update'"
        db.execute(f"UPDATE sqlite_master {what}")
        db.execute("PRAGMA schema_version = 99")
    code, told = patched.refused("audit", "verify")
    assert (code, "a name in it is no text" in told) == (1, True)
    assert agreed(patched.home) == UNREADABLE


@ON_FILES
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sqlite_sequence SET seq = CAST(x'FF' AS TEXT) WHERE name = 'events'",
        "UPDATE protocols SET added_at = 'x', text = 'base = \"a@1\"'",
        "UPDATE protocols SET text = 'base = \"a@1\"'",
    ],
)
def test_both_say_the_same_of_what_is_no_number_and_no_base(
    patched: Tracker, statement: str
) -> None:
    """Of what is wrong with a protocol one thing is said."""
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute(statement)
    found = agreed(patched.home)
    assert len(found.faults) == 1
    assert found.remarks == []
