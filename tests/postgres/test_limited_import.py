"""A file that is imported by who is limited to sites: what is refused is refused line by line."""

import json
from typing import Any

import pytest

from tests.postgres.roles import NORTH, SOUTH, Place
from tracker.cli import imports

OPENING = {"event": "episode-opened", "data": {"patient": "MRN-NEW", "site": "North"}}
SUSPECTED = {"event": "leak-suspected", "data": {}}
HIDDEN = f"the reference '{SOUTH}' is that of an episode you may not see"


def line(episode: str, number: int, **what: Any) -> dict[str, Any]:
    """Return a line of a file about an episode."""
    at = {"id": f"l-{number}", "occurred_at": "2026-03-05T08:00:00Z"}
    return {"episode": episode, **at, **what}


LINES = (
    line(NORTH, 1, **SUSPECTED),
    line(SOUTH, 2, **SUSPECTED),
    line("new", 3, **OPENING),
    line("new", 4, **SUSPECTED),
    line("placeless", 5, **SUSPECTED),
    line("away", 6, event="episode-opened", data={"patient": "MRN-AWAY", "site": "South"}),
)
REFUSED = ("line 2: " + HIDDEN, "line 5: the episode has no site", "line 6: you are limited to")


@pytest.fixture
def mixed(place: Place) -> Place:
    """A copy of the tracker, with a file about her sites, another and none."""
    return write(place, LINES)


def write(place: Place, lines: tuple[dict[str, Any], ...]) -> Place:
    """Write the file."""
    (place.home / "mixed").write_text("".join(json.dumps(one) + "\n" for one in lines))
    return place


def given(place: Place, *options: str, who: str = "limited", glass: bool = False) -> Any:
    """Import the file."""
    root = ("--break-glass", "on call") if glass else ()
    return place.run(who, *root, "import", str(place.home / "mixed"), *options)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_each_line_that_is_out_of_sight_is_named(mixed: Place, options: tuple[str, ...]) -> None:
    """By a dry run as by the import, which then imports nothing."""
    before = mixed.contents("accesses")
    result = given(mixed, *options)
    assert (result.exit_code, mixed.contents("accesses")) == (4, before)
    for said in (*REFUSED, "--break-glass REASON", "nothing was imported"):
        assert said in result.stderr
    assert not any(f"line {number}" in result.stderr for number in (1, 3, 4))


def test_the_rest_is_imported_by_who_keeps_going(mixed: Place) -> None:
    """Lines of her own sites do not suffer for the others, and a dry run counted them."""
    dry = given(mixed, "--keep-going", "--dry-run")
    assert "3 of 6 events" in dry.stdout
    result = given(mixed, "--keep-going")
    assert result.exit_code == 1
    assert all(said in result.stderr for said in REFUSED)
    for name in (NORTH, "new"):
        assert "suspected" in mixed.ok("limited", "timeline", name)
    assert mixed.run("coordinator", "show", "placeless").exit_code == 3
    assert "suspected" not in mixed.ok("coordinator", "timeline", SOUTH)


def test_a_line_that_moves_an_episode_away_is_refused_alone(place: Place) -> None:
    """What else the file tells of the episode can be taken."""
    opened = json.loads(place.ok("limited", "show", NORTH, "--format", "json"))["events"]
    (event,) = [e["id"] for e in opened if e["event"] == "episode-opened"]
    moves = {
        "event": "event-corrected",
        "data": {"target": event, "changes": {"site": "South"}, "reason": "moved"},
    }
    write(place, (line(NORTH, 1, **SUSPECTED), line(NORTH, 2, **moves)))
    result = given(place, "--keep-going")
    assert result.exit_code == 1
    assert "line 2: you are limited to episodes at North, not at South" in result.stderr
    assert "suspected" in place.ok("limited", "timeline", NORTH)


def test_an_opening_with_a_site_may_come_late(place: Place) -> None:
    """Where an episode is, is asked of all the lines together."""
    write(place, (line("new", 1, **SUSPECTED), line("new", 2, **OPENING)))
    assert given(place, "--dry-run").exit_code == 0
    assert given(place).exit_code == 0


def test_who_sees_every_site_is_refused_nothing(mixed: Place) -> None:
    """Nor is she, under broken glass."""
    assert given(mixed, "--dry-run", who="coordinator").exit_code == 0
    assert given(mixed, glass=True).exit_code == 0
    assert "suspected" in mixed.ok("coordinator", "timeline", SOUTH)


def test_twin_that_leaves_it_to_the_server_names_no_line(
    mixed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server refuses the import as a whole, and a dry run asks it for nothing."""
    monkeypatch.setattr(imports, "sight_of", lambda service: None)
    assert given(mixed, "--dry-run").exit_code == 0
    told = given(mixed, "--keep-going")
    assert (told.exit_code, "line 2" in told.stderr) == (4, False)
