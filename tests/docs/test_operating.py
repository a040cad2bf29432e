"""The words that operators read are those that docs/operating.md explains."""

import re
from pathlib import Path

import pytest

from tracker.cli import finding
from tracker.cli.outbox import PENDING
from tracker.outbox.standing import STANDINGS
from tracker.reminders.alarms import ALARMS
from tracker.store.heartbeats import STATES

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()


def table(heading: str) -> set[str]:
    """Return the words in the first column of the table with that heading."""
    rows = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", rows, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("A message is", STANDINGS),
        ("A scheduler is", STATES),
        ("Alarm", ALARMS),
    ],
)
def test_every_word_is_explained(heading: str, words: tuple[str, ...]) -> None:
    """And no word that nothing says any more."""
    assert table(heading) == set(words)


def test_the_words_of_doctor_and_of_what_waits_are_explained() -> None:
    """In sentences."""
    for word in finding.STATES:
        assert f"`{word}`" in PAGE
    assert (
        "`pending` is what "
        + " and ".join([", ".join(f"`{w}`" for w in PENDING[:-1]), f"`{PENDING[-1]}`"])
        in PAGE
    )


def test_a_word_without_an_explanation_would_be_found() -> None:
    """The comparison can fail."""
    assert table("A message is") != {*STANDINGS, "asleep"}
