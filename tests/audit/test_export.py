"""`audit export`: a bundle that can be checked without the program, by hand or by the verifier."""

import json
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from tests.audit.both import agreed_on_bundle
from tests.audit.conftest import Tracker
from tracker.audit.bundle import contents
from tracker.audit.note import PublicKey


@pytest.fixture
def signing(patched: Tracker, tmp_path: Path) -> Tracker:
    """A tracker with a key and a directory of checkpoints, one of them in it."""
    key, outside = tmp_path / "key", tmp_path / "outside"
    outside.mkdir()
    patched.ok("audit", "keygen", "--name", "hospital.example/ward", "--out", str(key))
    config = f'[checkpoint]\nkey_file = "{key}"\ndirectory = "{outside}"\n'
    (patched.home / "config.toml").write_text(config)
    patched.ok("audit", "checkpoint")
    patched.clock.move_to("2026-03-04T09:00:00Z")
    patched.ok("open", "--patient", "MRN-9", "--reference", "other", "--time-zone", "UTC")
    patched.ok("record", "patient-mobilized", "Ms-Miller", "--id", "up")
    return patched


def public(tmp_path: Path) -> PublicKey:
    """Return the public key."""
    return PublicKey.parse((tmp_path / "key.pub").read_text())


def test_one_episode_names_no_other(signing: Tracker, tmp_path: Path) -> None:
    """Its events, readable and as they are stored, and nobody else's."""
    out = tmp_path / "bundle"
    told = signing.json("audit", "export", "Ms-Miller", "--out", str(out))
    assert (told["events"], told["signed"]) == (4, True)
    events = [json.loads(line) for line in (out / contents.EVENTS).read_text().splitlines()]
    assert [event["event"]["id"] for event in events[1:]] == ["op", "patch", "up"]
    assert not any(b"MRN-9" in file.read_bytes() for file in out.rglob("*") if file.is_file())
    assert out.stat().st_mode & 0o077 == 0


def test_it_holds_since_when_each_event_is_proven(signing: Tracker, tmp_path: Path) -> None:
    """The checkpoint of before, for what it covers, and the new one, for all."""
    out = tmp_path / "bundle"
    signing.ok("audit", "export", "Ms-Miller", "--out", str(out))
    sizes = sorted(int(file.name[:12]) for file in (out / contents.CHECKPOINTS).iterdir())
    assert sizes == [3, 5]
    assert agreed_on_bundle(out, [public(tmp_path)]).stands


def test_both_commands_verify_it(signing: Tracker, tmp_path: Path) -> None:
    """`audit verify --bundle`, and the copy of the verifier that is in the bundle."""
    out = tmp_path / "bundle"
    signing.ok("audit", "export", "--all", "--out", str(out))
    key, outside = str(tmp_path / "key.pub"), str(tmp_path / "outside")
    options = ("--public-key", key, "--checkpoint", outside)
    told = signing.json("audit", "verify", "--bundle", str(out), *options)
    assert (told["ok"], told["bundle"]["events"]["size"]) == (True, 5)
    command = [sys.executable, "-I", "verify_audit.py", ".", *options]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
    assert (done.returncode, "stands up" in done.stdout) == (0, True), done.stderr


def test_it_can_be_checked_by_hand(signing: Tracker, tmp_path: Path) -> None:
    """By the commands of its README, with tools that every system has."""
    if not all(shutil.which(tool) for tool in ("openssl", "sha256sum", "base64", "bash")):
        pytest.skip("the tools are not here")
    out = tmp_path / "bundle"
    signing.ok("audit", "export", "Ms-Miller", "--out", str(out))
    readme = (out / contents.README).read_text()
    name = next((out / contents.CHECKPOINTS).iterdir()).name
    steps = readme[readme.index("     sha256sum -c") : readme.index("4. The hash")]
    commands = [line[5:] for line in steps.splitlines() if line.startswith("     ")]
    script = "set -e\n" + "\n".join(c for c in commands if "xxd" not in c).replace("NAME", name)
    done = subprocess.run(
        ["bash", "-c", script], cwd=out, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert agreed_on_bundle(out, [public(tmp_path)]).faults == []  # nothing is left in it


@pytest.mark.parametrize("raw", [bytes([0xFB, 0xEF, 0xBE]) * 11, bytes(33), b"\x00" + b"\xff" * 32])
def test_any_key_can_be_read_by_hand(raw: bytes, tmp_path: Path) -> None:
    """Also one whose letters have a plus among them, which stands between its parts too."""
    file = resources.files("tracker.audit.bundle").joinpath("readme.txt")
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    (shown,) = [line for line in lines if line.startswith("tail -n 1 public-key.txt")]
    (tmp_path / "public-key.txt").write_text(f"{PublicKey('ward', raw[:32])}\n")
    command = ["bash", "-c", shown.partition(" | xxd")[0]]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout == raw[:32]


def test_a_record_that_does_not_stand_up_is_not_exported(signing: Tracker, tmp_path: Path) -> None:
    """Nobody signs what was changed."""
    change = "UPDATE events SET topic = 'patient-died' WHERE position = 2"
    signing.execute(change, unguarded=True)
    code, told = signing.refused("audit", "export", "--all", "--out", str(tmp_path / "bundle"))
    assert (code, "position 2" in told) == (6, True)
    assert not (tmp_path / "bundle").exists()


def test_what_is_there_is_not_overwritten(signing: Tracker, tmp_path: Path) -> None:
    """A bundle gets its name when it is complete, and no other's."""
    signing.ok("audit", "export", "--all", "--out", str(tmp_path / "bundle"))
    code, _ = signing.refused("audit", "export", "Ms-Miller", "--out", str(tmp_path / "bundle"))
    assert code == 5
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize(
    "words", [(), ("Ms-Miller", "--all"), ("--all", "--unsigned", "--checkpoint", "x")]
)
def test_what_makes_no_sense_is_refused(
    signing: Tracker, words: tuple[str, ...], tmp_path: Path
) -> None:
    """Neither an episode nor all, both, or proofs that nobody signs."""
    code, _ = signing.refused("audit", "export", *words, "--out", str(tmp_path / "bundle"))
    assert code == 2


def test_a_bundle_for_a_checkpoint_that_somebody_holds(signing: Tracker, tmp_path: Path) -> None:
    """It proves each event under that one; a bundle without cannot be checked against it."""
    held = tmp_path / "held.checkpoint"
    signing.ok("audit", "checkpoint", "--out", str(held))
    for name in ("a", "b"):
        signing.clock.tick(60)
        signing.ok("record", "patient-mobilized", "Ms-Miller", "--id", name)
        signing.ok("audit", "checkpoint")
    with_it, without = tmp_path / "with", tmp_path / "without"
    signing.ok("audit", "export", "other", "--out", str(without))
    signing.ok("audit", "export", "other", "--out", str(with_it), "--checkpoint", str(held))
    options = ("--public-key", str(tmp_path / "key.pub"), "--checkpoint", str(held))
    assert signing.json("audit", "verify", "--bundle", str(with_it), *options)["ok"]
    result = signing.run("audit", "verify", "--bundle", str(without), *options)
    assert (result.exit_code, "holds no proof" in result.stderr) == (1, True)


def test_an_unsigned_bundle_says_so(signing: Tracker, tmp_path: Path) -> None:
    """It fits itself, and proves nothing."""
    out = tmp_path / "bundle"
    signing.ok("audit", "export", "Ms-Miller", "--unsigned", "--out", str(out))
    assert "it is not signed" in signing.ok("audit", "verify", "--bundle", str(out))
    result = signing.run(
        "audit", "verify", "--bundle", str(out), "--public-key", str(tmp_path / "key.pub")
    )
    assert result.exit_code == 6


def test_an_export_is_a_look(signing: Tracker, tmp_path: Path) -> None:
    """Recorded before anything is written, and part of what goes out."""
    out = tmp_path / "bundle"
    signing.ok("--purpose", "court order", "audit", "export", "Ms-Miller", "--out", str(out))
    looks = [json.loads(line)["look"] for line in (out / contents.LOOKS).read_text().splitlines()]
    assert (looks[-1]["command"], looks[-1]["purpose"]) == ("audit export", "court order")
