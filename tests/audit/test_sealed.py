"""The audit of an encrypted tracker: its chain needs no key, its bundles hold what they need."""

import json
from pathlib import Path

import pytest

from tests.audit.both import agreed, agreed_on_bundle
from tests.audit.conftest import Tracker
from tests.audit.mangling import sign_anew
from tracker.audit.bundle import contents

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def sealed(tracker: Tracker, tmp_path: Path) -> Tracker:
    """An encrypted tracker with two patients."""
    master = f"file:{tmp_path / 'master'}"
    tracker.ok("init", "--encrypt", "--master-key", master)
    for patient in ("MRN-1", "MRN-2"):
        tracker.ok("open", "--patient", patient, "--reference", patient, "--time-zone", "UTC")
        tracker.ok("record", "surgery-performed", patient, "--id", "op")
    return tracker


def shown(out: Path) -> list[object]:
    """Return what a bundle shows of its events."""
    return [json.loads(line)["event"] for line in (out / contents.EVENTS).read_text().splitlines()]


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


def test_a_sealed_bundle_shows_nothing(sealed: Tracker, tmp_path: Path) -> None:
    """Its chain is verified all the same."""
    out = tmp_path / "bundle"
    sealed.ok("audit", "export", "--all", "--sealed", "--unsigned", "--out", str(out))
    assert shown(out) == [None] * 4
    assert not (out / contents.KEYS).exists()
    assert agreed_on_bundle(out).stands


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
