"""Shell completion: commands, topics, words of a vocabulary, and what is in the data."""

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Tracker
from tracker.cli import main


def completed(tracker: Tracker, *words: str) -> list[str]:
    """Return what is offered for the last of the words."""
    environ = tracker.environ | {
        "_TRACKER_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["tracker", *words]),
        "COMP_CWORD": str(len(words)),
    }
    result = CliRunner().invoke(main, [], env=environ)
    return [line.partition(",")[2] for line in result.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("wor",), "worklist"),
        (("record", "blood-patch-p"), "blood-patch-performed"),
        (("record", "headache-assessed", "case-1", "--post"), "--posture"),
        (("record", "headache-assessed", "case-1", "--posture", "ortho"), "orthostatic"),
        (("record", "headache-assessed", "case-1", "--location", "neck,fr"), "neck,frontal"),
        (("schema", "leak-sus"), "leak-suspected"),
        (("void", "case-1", "he"), "head"),
        (("ack", "case-1", "wound"), "wound-examination"),
        (("explain", "case-1", "patch-del"), "patch-delayed"),
        (("worklist", "--stage", "conserv"), "conservative"),
        (("worklist", "--format", "js"), "json"),
    ],
)
def test_offers(episode: Tracker, words: tuple[str, ...], expected: str) -> None:
    """What begins so is offered."""
    assert expected in completed(episode, *words)


def test_offers_short_ids(episode: Tracker) -> None:
    """Episodes are offered by their short id, in whatever case one begins."""
    short_id = episode.json("show", "case-1")["episode"]
    assert completed(episode, "show", "E-") == [short_id]


def test_offers_references(episode: Tracker) -> None:
    """People know an episode by their own reference."""
    assert completed(episode, "show", "cas") == ["case-1"]


def test_a_word_that_may_be_followed_by_another_gets_no_space(episode: Tracker) -> None:
    """Two offers that begin alike stop a shell at their common beginning; one offer would not."""
    words = ("record", "headache-assessed", "case-1", "--location", "neck,fro")
    assert completed(episode, *words) == ["neck,frontal", "neck,frontal,"]


def test_offers_nothing_without_data(tracker: Tracker) -> None:
    """Without a data directory nothing is offered and nothing complains."""
    assert completed(tracker, "show", "E-") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script(tracker: Tracker, shell: str) -> None:
    """The script of a shell calls the program to complete."""
    assert "_TRACKER_COMPLETE" in tracker.ok("completion", shell)
