"""The worklist: filters, order, limits, and drawing it again."""

import time

import pytest

from tests.cli.conftest import Tracker


@pytest.fixture
def ward(episode: Tracker) -> Tracker:
    """Two episodes: one of anna with a leak, one of bo with nothing wrong."""
    episode.ok(
        "open", "--patient", "MRN2", "--reference", "case-2", "--time-zone", "UTC",
        "--coordinator", "bo", "--site", "north",
    )  # fmt: skip
    return episode


def references(tracker: Tracker, *options: str) -> list[str]:
    """Return the references of the episodes that are listed."""
    return [row["reference"] for row in tracker.json("worklist", *options)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["case-1", "case-2"]),
        (["--overdue"], ["case-1"]),
        (["--due-within", "48h"], ["case-1"]),
        (["--stage", "at-risk"], ["case-2"]),
        (["--urgent"], []),
        (["--coordinator", "bo"], ["case-2"]),
        (["--mine"], ["case-1"]),
        (["--site", "north"], ["case-2"]),
        (["--limit", "1"], ["case-1"]),
        (["--limit", "1", "--all"], ["case-1", "case-2"]),
    ],
)
def test_filters(ward: Tracker, options: list[str], expected: list[str]) -> None:
    """Each filter leaves the episodes that fit, the most pressing first."""
    assert references(ward, *options) == expected


def test_mine_is_of_whom_one_acts_for(ward: Tracker) -> None:
    """On behalf of a colleague, `--mine` means the colleague."""
    rows = ward.json("--on-behalf-of", "bo", "worklist", "--mine")
    assert [row["reference"] for row in rows] == ["case-2"]


def test_row(ward: Tracker) -> None:
    """A row says what is due, when, what to do and who does it."""
    row = ward.json("worklist")[0]
    assert row["episode"].startswith("E-")
    assert (row["stage"], row["overdue"], row["urgent"]) == ("assessment", True, False)
    assert row["due_kind"] == "conservative-start"
    assert row["due_at"] == "2026-03-03T08:00:00Z"
    assert row["next_step"]


def test_the_reference_is_shown_where_there_is_one(ward: Tracker) -> None:
    """People know an episode by their own reference too."""
    assert "case-1" in ward.ok("worklist")


def test_without_references_there_is_no_column_for_them(tracker: Tracker) -> None:
    """An empty column takes no room."""
    tracker.ok("open", "--patient", "MRN1", "--time-zone", "UTC")
    assert "Reference" not in tracker.ok("worklist")


def test_totals_are_told_beside_the_data(ward: Tracker) -> None:
    """How many there are goes to stderr, so that stdout is the rows alone."""
    result = ward.run("worklist", "--limit", "1")
    assert "1 of 2 in care" in result.stderr
    assert "in care" not in result.stdout


def test_watch_draws_again(ward: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--watch` draws until Ctrl-C, the way to leave it: no failure and no complaint."""
    drawn = []

    def wait(seconds: float) -> None:
        drawn.append(seconds)
        if len(drawn) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", wait)
    result = ward.run("worklist", "--watch", "--interval", "5")
    assert result.exit_code == 0
    assert drawn == [5, 5]
    assert result.stdout.count("MRN1") == 2


def test_find_tells_how_and_with_whom_an_episode_is(ward: Tracker) -> None:
    """Two episodes of a name are told apart by what is going on."""
    found = ward.json("find", "rn2")
    assert [(e["reference"], e["stage"], e["coordinator"]) for e in found] == [
        ("case-2", "at-risk", "bo")
    ]


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("North", "No episode is at North; did you mean north?"),
        ("harbour", "No episode is at harbour."),
        ("north", None),
    ],
)
def test_a_site_that_nobody_is_at_is_doubted(ward: Tracker, site: str, said: str | None) -> None:
    """An empty list of a misspelled site is no all-clear, and says so beside the data."""
    told = ward.run("worklist", "--site", site, "--format", "json")
    assert (told.exit_code, "No episode is at" in told.stderr) == (0, said is not None)
    assert said is None or said in told.stderr


def test_a_site_where_nobody_is_in_care_is_known(ward: Tracker) -> None:
    """That all of its episodes are closed is an answer, and no reason for doubt."""
    ward.ok("record", "episode-closed", "case-2", "--outcome", "other", "--reason", "moved")
    told = ward.run("worklist", "--site", "north")
    assert ("0 in care" in told.stderr, "No episode is at" in told.stderr) == (True, False)
