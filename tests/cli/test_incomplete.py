"""An episode whose rows lag behind the log is shown as incomplete in every view."""

import pytest

from projections import writer
from tests.cli.conftest import Tracker

TOLD = "Incomplete: E-"
ONE = [
    ("show",), ("next",), ("timeline",), ("explain",), ("find",),
    ("audit", "replay"), ("audit", "diff"), ("export", "--as", "ics"),
]  # fmt: skip
ALL = [("worklist",), ("stats",), ("scheduler", "status"), ("calendar", "--coordinator", "anna")]


@pytest.fixture
def lagging(episode: Tracker, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """The episode `case-1`, of which the last fact has no rows."""
    with monkeypatch.context() as patch:
        patch.setattr(writer, "repair", None)
        episode.ok("record", "bed-rest-started", "case-1")
    return episode


def words(view: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line of a view of the episode."""
    more = ("--from", "now") if view[-1] == "diff" else ()
    return (*view, "case-1", *more)


@pytest.mark.parametrize("view", [*map(words, ONE), *ALL], ids=" ".join)
def test_every_view_says_so(lagging: Tracker, view: tuple[str, ...]) -> None:
    """On stderr, so that no format lacks it, and with the data all the same."""
    result = lagging.run(*view)
    assert result.exit_code == 0
    assert TOLD in result.stderr
    assert result.stdout


@pytest.mark.parametrize("view", [*map(words, ONE), *ALL], ids=" ".join)
def test_nothing_is_said_of_what_is_whole(episode: Tracker, view: tuple[str, ...]) -> None:
    """The same views of an episode whose rows are right are silent about it."""
    assert "Incomplete" not in episode.run(*view).stderr


@pytest.mark.parametrize("view", ["show", "next", "audit replay", "audit diff"])
def test_a_document_says_so(lagging: Tracker, view: str) -> None:
    """A program that reads the JSON sees it."""
    assert lagging.json(*words(tuple(view.split())))["incomplete"] is True


def test_counts_say_so(lagging: Tracker) -> None:
    """A program that reads counts sees of how many episodes they lag."""
    assert lagging.json("stats")["incomplete"] == 1
    assert lagging.json("scheduler", "status")["incomplete"] is True


def test_another_episode_is_whole(lagging: Tracker) -> None:
    """One episode that lags says nothing about the others."""
    lagging.ok("open", "--patient", "MRN2", "--reference", "case-2")
    assert lagging.json("show", "case-2")["incomplete"] is False
    assert "Incomplete" not in lagging.run("next", "case-2").stderr
