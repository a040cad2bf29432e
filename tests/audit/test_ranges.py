"""`--from` and `--to`: both verifiers refuse the same, and say where the log ends."""

from pathlib import Path

import pytest

from scripts import verify_audit as independent
from tests.audit.conftest import Tracker

pytestmark = pytest.mark.backends("sqlite")


def theirs(patched: Tracker, *words: str) -> int:
    """Return how the independent verifier ends."""
    try:
        return independent.main([str(patched.home), *words])
    except SystemExit as ended:
        return int(str(ended.code))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--from", "999"), "the log ends at position 3"),
        (("--from", "3", "--to", "1"), "--to is before --from"),
        (("--from", "3", "--to", "2"), "--to is before --from"),
    ],
)
def test_a_part_that_is_not_there_is_refused(
    patched: Tracker, words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a fault of the record nor success over nothing: a mistake, by both."""
    code, told = patched.refused("audit", "verify", *words)
    assert (code, why in told) == (2, True)
    assert theirs(patched, *words) == 2
    said = capsys.readouterr()
    assert (said.out, why in said.err) == ("", True)


def test_a_part_that_ends_after_the_log_says_where_it_ends(
    patched: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks up to 9999 must not believe that so many were looked at."""
    told = patched.ok("audit", "verify", "--from", "2", "--to", "9999")
    assert "positions 2 to 3, where the log ends" in told
    assert theirs(patched, "--from", "2", "--to", "9999") == 0
    assert "2 events (asked for 2 to 3, where the log ends)" in capsys.readouterr().out
    assert "where the log ends" not in patched.ok("audit", "verify", "--to", "3")


def test_trees_that_were_not_computed_are_told(
    patched: Tracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A checkpoint covers more than the part of the log that was asked for."""
    key, held = str(tmp_path / "key"), str(tmp_path / "held.checkpoint")
    patched.ok("audit", "keygen", "--name", "ward", "--out", key)
    patched.ok("audit", "checkpoint", "--key", key, "--out", held)
    options = ("--checkpoint", held, "--public-key", f"{key}.pub")
    for part, expected in ((("--from", "2"), True), (("--to", "2"), True), ((), False)):
        assert theirs(patched, *part, *options) == 0
        ours = patched.ok("audit", "verify", *part, *options)
        both = ["trees were not computed" in told for told in (capsys.readouterr().out, ours)]
        assert both == [expected, expected]


def test_a_bundle_has_no_parts(patched: Tracker, tmp_path: Path) -> None:
    """It is verified as a whole."""
    out = str(tmp_path / "bundle")
    patched.ok("audit", "export", "--all", "--unsigned", "--out", out)
    assert patched.refused("audit", "verify", "--bundle", out, "--from", "2")[0] == 2
    with pytest.raises(SystemExit) as ended:
        independent.main([out, "--from", "2"])
    assert ended.value.code == 2
