"""The audit of an encrypted tracker: its chain needs no key, its bundles hold what they need."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.audit.attacks import owned, rechain
from tests.audit.both import agreed, agreed_on_bundle, ours
from tests.audit.conftest import Tracker
from tests.audit.mangling import sign_anew
from tracker.audit import exporting, stretches
from tracker.audit.bundle import contents
from tracker.audit.walk import Walk

ON_FILES = pytest.mark.backends("sqlite")
"""What is done to a file, or asked of both verifiers by its directory."""


@pytest.fixture
def sealed(tracker: Tracker, tmp_path: Path) -> Tracker:
    """An encrypted tracker with two patients."""
    master = f"file:{tmp_path / 'master'}"
    tracker.ok("init", "--encrypt", "--master-key", master)
    for patient in ("MRN-1", "MRN-2"):
        tracker.ok("open", "--patient", patient, "--reference", patient, "--time-zone", "UTC")
        tracker.ok("record", "surgery-performed", patient, "--id", "op")
    return tracker


PLAIN = (
    b'{"id":"x","occurred_at":"2026-02-02T08:00:00Z","recorded_at":"2026-02-02T08:00:00Z",'
    b'"actor":"eve","source":"cli","schema":1,"data":{}}'
)


def put_plainly(tracker: Tracker, position: int) -> None:
    """Put a plain event in the place of a sealed one, and compute every hash anew."""
    with owned(tracker.home / "tracker.sqlite") as db:
        db.execute("UPDATE events SET state = ? WHERE position = ?", (PLAIN, position))
        rechain(db)


@ON_FILES
@pytest.mark.parametrize(("length", "position"), [(1, 3), (2, 2), (2, 3), (100, 4)])
def test_a_plain_event_after_a_sealed_one_is_found(
    sealed: Tracker, monkeypatch: pytest.MonkeyPatch, length: int, position: int
) -> None:
    """Also where one stretch ends and another begins; nothing less than that finds it."""
    monkeypatch.setattr(stretches, "LENGTH", length)
    put_plainly(sealed, position)
    assert agreed(sealed.home).faults == [("events", position, "plain")]
    assert agreed(sealed.home, (), position, None).faults == [("events", position, "plain")]
    monkeypatch.setattr(Walk, "_keep_sealed", lambda *_: True)
    assert ours(sealed.home).stands


@ON_FILES
def test_a_bundle_of_a_plain_event_after_a_sealed_one_is_found(
    sealed: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one episode and of everything."""
    put_plainly(sealed, 4)
    monkeypatch.setattr(exporting, "ensure", lambda *_: None)
    for what in ("MRN-2", "--all"):
        out = tmp_path / what.strip("-")
        sealed.ok("audit", "export", what, "--unsigned", "--out", str(out))
        assert agreed_on_bundle(out).faults == [("events", 4, "plain")]


def test_a_tracker_that_forgot_to_be_encrypted_records_nothing(sealed: Tracker) -> None:
    """Who takes the mark and the configuration away would let it go on in plain text."""
    sealed.execute("DELETE FROM encryption")
    (sealed.home / "config.toml").write_text("")
    for words in (
        ("record", "patient-mobilized", "MRN-1"),
        ("open", "--patient", "MRN-3", "--time-zone", "UTC"),
    ):
        code, told = sealed.refused(*words)
        assert (code, "what says so is gone" in told) == (1, True)
    assert sealed.run("doctor").exit_code == 1
    assert sealed.json("audit", "verify")["events"] == 4


def shown(out: Path) -> list[object]:
    """Return what a bundle shows of its events."""
    return [json.loads(line)["event"] for line in (out / contents.EVENTS).read_text().splitlines()]


@ON_FILES
def test_it_is_verified_without_the_keys(sealed: Tracker, tmp_path: Path) -> None:
    """What is sealed is what is hashed."""
    (tmp_path / "master").unlink()
    assert agreed(sealed.home).stands
    assert sealed.json("audit", "verify")["ok"]


def test_deep_reads_through_the_keys(sealed: Tracker) -> None:
    """And an erased patient leaves nothing that could be read, and nothing wrong."""
    assert sealed.json("audit", "verify", "--deep")["ok"]
    erase = ("erase", "MRN-1", "--reason", "asked for", "--second-person", "Dr. Bell")
    result = sealed.run(*erase, "--yes")
    assert result.exit_code == 0, result.output
    assert sealed.json("audit", "verify", "--deep")["ok"]


def test_a_bundle_shows_events_with_the_key_that_opens_them(
    sealed: Tracker, tmp_path: Path
) -> None:
    """Of the episode that it is about, and of no other."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", "MRN-1", "--unsigned", "--out", str(out))
    assert [event["id"] for event in shown(out)[1:]] == ["op"]  # type: ignore[index]
    assert len((out / contents.KEYS).read_text().splitlines()) == 1
    assert agreed_on_bundle(out).stands


@ON_FILES
@pytest.mark.parametrize("scope", ["--all", "MRN-1"])
def test_a_bundle_that_lacks_a_key_is_not_made(sealed: Tracker, tmp_path: Path, scope: str) -> None:
    """Null would say that the patient was erased: it is refused, unless it is to stay sealed."""
    name = str(sealed.json("show", "MRN-1")["episode"])
    with closing(sqlite3.connect(sealed.home / "keys.sqlite")) as keys, keys:
        keys.execute("DELETE FROM episode_keys")
    out = tmp_path / "there" / "bundle"
    what = scope if scope == "--all" else name
    code, told = sealed.refused("audit", "export", what, "--unsigned", "--out", str(out))
    assert code == 1
    assert "nothing is exported" in told
    assert "tracker keys restore" in told
    assert "--sealed" in told
    assert list(out.parent.glob("*")) == list(out.parent.glob(".*")) == []
    sealed.ok("audit", "export", what, "--sealed", "--unsigned", "--out", str(out))
    assert set(map(str, shown(out))) == {"None"}


def test_a_bundle_of_an_erased_patient_shows_null(sealed: Tracker, tmp_path: Path) -> None:
    """Its keys are gone for good, and the other patient is shown with theirs."""
    name = str(sealed.json("show", "MRN-1")["episode"])
    sealed.ok("erase", "MRN-1", "--reason", "r", "--second-person", "Dr. Bell", "--yes")
    for what, nulls, keys in (("--all", 2, 1), (name, 2, 0)):
        out = tmp_path / what.strip("-")
        sealed.ok("audit", "export", what, "--unsigned", "--out", str(out))
        assert shown(out).count(None) == nulls
        file = out / contents.KEYS
        assert (len(file.read_text().splitlines()) if file.exists() else 0) == keys
        assert agreed_on_bundle(out).stands


def test_a_sealed_bundle_shows_nothing(sealed: Tracker, tmp_path: Path) -> None:
    """Its chain is verified all the same."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", "--all", "--sealed", "--unsigned", "--out", str(out))
    assert shown(out) == [None] * 4
    assert not (out / contents.KEYS).exists()
    assert agreed_on_bundle(out).stands


def test_what_a_bundle_gives_away_is_said(sealed: Tracker, tmp_path: Path) -> None:
    """That it holds keys where it does, and that it names patients only where it shows any."""
    name = str(sealed.json("show", "MRN-1")["episode"])

    def told(what: str, *options: str) -> str:
        out = tmp_path / f"bundle-{len(list(tmp_path.iterdir()))}"
        done = sealed.run("audit", "export", what, "--unsigned", "--out", str(out), *options)
        assert done.exit_code == 0
        assert (out / contents.KEYS).exists() == ("key" in done.stderr)
        return done.stderr

    assert "It names patients, and holds the 2 keys that open its events" in told("--all")
    assert "It names patients, and holds the key that opens its events" in told(name)
    assert told("--all", "--sealed").startswith("No patient is named in what it shows; ")
    sealed.ok("erase", "MRN-1", "--reason", "r", "--second-person", "Dr. Bell", "--yes")
    assert told(name).startswith("No patient is named in what it shows; ")


@pytest.mark.parametrize("what", ["--all", "MRN-1"])
def test_no_bundle_beside_the_data(sealed: Tracker, tmp_path: Path, what: str) -> None:
    """Nor beside the keys, and nothing is written there."""
    for folder in (sealed.home / "bundle", sealed.home):
        told = sealed.refused("audit", "export", what, "--unsigned", "--out", str(folder))
        assert told[0] == 4
        assert "is in the data directory" in told[1]
    config = sealed.home / "config.toml"
    keys = tmp_path / "keys"
    lines = [one for one in config.read_text().splitlines() if not one.startswith("keys = ")]
    written = "\n".join(lines).replace("[encryption]", f'[encryption]\nkeys = "{keys}"')
    config.write_text(written)
    told = sealed.refused("audit", "export", what, "--unsigned", "--out", str(keys / "bundle"))
    assert (told[0], "is in the directory of the keys" in told[1]) == (4, True)
    config.write_text("\n".join(lines))
    assert not (sealed.home / "bundle").exists()


@pytest.mark.parametrize("scope", ["--all", "MRN-1"])
def test_what_is_shown_is_what_is_sealed(scope: str, sealed: Tracker, tmp_path: Path) -> None:
    """Another reading of sealed bytes is found, with the key or without it."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", scope, "--unsigned", "--out", str(out))
    text = (out / contents.EVENTS).read_text()
    (out / contents.EVENTS).write_text(text.replace('"op"', '"po"', 1))
    sign_anew(out, "unsigned")
    assert [code for _, _, code in agreed_on_bundle(out).faults] == ["seal"]
    (out / contents.KEYS).unlink()
    sign_anew(out, "unsigned")
    assert [code for _, _, code in agreed_on_bundle(out).faults] == ["seal"]


def test_a_wrong_key_opens_nothing(sealed: Tracker, tmp_path: Path) -> None:
    """A key of the right name that is another one."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", "--all", "--unsigned", "--out", str(out))
    lines = [json.loads(line) for line in (out / contents.KEYS).read_text().splitlines()]
    lines[0]["secret"], lines[1]["secret"] = lines[1]["secret"], lines[0]["secret"]
    written = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (out / contents.KEYS).write_text(written)
    sign_anew(out, "unsigned")
    assert [code for _, _, code in agreed_on_bundle(out).faults] == ["seal"]
