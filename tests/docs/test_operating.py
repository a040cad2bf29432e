"""The words that operators read are those that docs/operating.md explains."""

import datetime
import re
from pathlib import Path

import pytest

from tracker.channels.scheduling import Scheduling
from tracker.cli import finding
from tracker.cli.outbox import PENDING
from tracker.cli.ticking import COUNTED
from tracker.outbox.standing import STANDINGS
from tracker.reminders.alarms import ALARMS, PROMPT, URGENT_WITHIN
from tracker.store.heartbeats import GRACE, LOST_TURNS, STATES

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


def thresholds() -> dict[str, str]:
    """Return the values of the table of thresholds."""
    rows = PAGE.partition("| Threshold |")[2].partition("\n\n")[0].splitlines()[2:]
    return {cells[1].strip(): cells[2].strip() for cells in (row.split("|") for row in rows)}


def test_the_thresholds_are_those_of_the_program() -> None:
    """In the order of the table."""
    minutes, seconds = datetime.timedelta(minutes=1), datetime.timedelta(seconds=1)
    silence = f"{Scheduling().silence / minutes:g} min"
    assert list(thresholds().values()) == [
        silence,
        silence,
        f"{URGENT_WITHIN / minutes:g} min",
        f"{PROMPT / minutes:g} min",
        f"{LOST_TURNS}",
        f"{GRACE / seconds:g} s",
        f"{Scheduling().max_attempts}",
    ]


def test_the_line_of_a_tick_is_explained() -> None:
    """Word for word."""
    *most, last = COUNTED[2:]
    assert f"{COUNTED[0]} and {COUNTED[1]} and how many are {', '.join(most)} and {last}" in PAGE


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
