"""What in a configuration is silently for nobody is found and named."""

import pytest

from tests.scheduler.conftest import ONE_LOG, Tracker
from tracker.cli.session import clock
from tracker.reminders import staffing
from tracker.reminders.recipients import site_of
from tracker.service import Service

FIRST = "deputy coordinator or doctor on call"


@pytest.fixture
def ward(patched: Tracker) -> Tracker:
    """Anna and Ben coordinate, Ben at the site north."""
    patched.ok("assign", "Ms-Miller", "anna")
    patched.ok("open", "--patient", "P2", "--coordinator", "ben", "--site", "north")
    return patched


def unstaffed(tracker: Tracker, text: str) -> list[str]:
    """Return what is said of levels under a configuration."""
    return [one.text for one in _asked(tracker, text, staffing.unstaffed)]


def strangers(tracker: Tracker, text: str) -> list[tuple[str, str | None]]:
    """Return what is said of names under a configuration, and the hint."""
    return [(one.text, one.hint) for one in _asked(tracker, text, staffing.strangers)]


def _asked(tracker: Tracker, text: str, ask):
    (tracker.home / "config.toml").write_text(text)
    location = tracker.location
    with Service.open(location, clock) as service:
        return ask(service, site_of(location))


def test_levels_that_nobody_is_named_for(ward: Tracker) -> None:
    """Each level of the protocol's ladder, with whom the protocol means."""
    assert unstaffed(ward, ONE_LOG) == [
        f"nobody is named for level 1 ({FIRST}): the usual people are told instead",
        "nobody is named for level 2 (site lead): the usual people are told instead",
    ]


def test_a_level_may_lack_people_for_some(ward: Tracker) -> None:
    """Whose episodes these are is said."""
    text = ONE_LOG + "levels = [0, 2]\n" + _row(coordinator="anna", levels=[1])
    assert unstaffed(ward, text) == [
        f"nobody is named for level 1 ({FIRST}) of episodes of ben at north:"
        " the usual people are told instead",
    ]


def test_levels_that_somebody_is_named_for(ward: Tracker) -> None:
    """Then there is nothing to say; nor when nothing is configured at all."""
    assert unstaffed(ward, ONE_LOG + "levels = [0, 1, 2]\n") == []
    assert unstaffed(ward, "") == []


def _row(**fields: object) -> str:
    values = "".join(f"{key} = {value!r}\n" for key, value in fields.items())
    return f"[[recipients]]\nchannel = 'log'\n{values}"


def test_a_name_that_is_nearly_a_coordinators(ward: Tracker) -> None:
    """It matches nothing, and who was meant is said."""
    text = ONE_LOG + _row(coordinator="Anna") + _row(site="nord")
    text += '[quiet_hours.coordinators]\nbenn = "22:00-07:00"\nben = "22:00-07:00"\n'
    assert strangers(ward, text) == [
        ("recipients[2]: no episode has the coordinator 'Anna'", "did you mean anna?"),
        ("recipients[3]: no episode has the site 'nord'", "did you mean north?"),
        ("quiet_hours.coordinators: no episode has the coordinator 'benn'", "did you mean ben?"),
    ]


def test_a_name_like_no_other(ward: Tracker) -> None:
    """Somebody new has no episodes yet: it is said, without a guess."""
    text = ONE_LOG + _row(coordinator="zoe")
    assert strangers(ward, text) == [("recipients[2]: no episode has the coordinator 'zoe'", None)]


def test_before_the_first_episode_nobody_is_a_stranger(tracker: Tracker) -> None:
    """Whoever sets a site up is not asked back."""
    tracker.ok("init")
    assert strangers(tracker, ONE_LOG + _row(coordinator="anna")) == []


def test_channels_can_be_listed_before_there_is_a_database(tracker: Tracker) -> None:
    """Nothing is made for it."""
    tracker.home.mkdir()
    (tracker.home / "config.toml").write_text(ONE_LOG)
    assert "log" in tracker.ok("channels", "list")
