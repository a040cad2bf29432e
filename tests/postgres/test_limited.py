"""What the program says and does where a coordinator is limited to some sites."""

import json

import pytest

from tests.access.planted import BUILT_IN
from tests.postgres.roles import LOGINS, NORTH, SOUTH, Place

LINE = {
    "episode": "from-afar", "id": "1", "event": "leak-suspected", "data": {},
    "occurred_at": "2026-03-05T08:00:00Z",
}  # fmt: skip


def test_an_episode_is_opened_at_the_only_site(place: Place) -> None:
    """Who has one site need not say which."""
    place.ok("limited", "open", "--patient", "MRN-3", "--reference", "third")
    assert json.loads(place.ok("limited", "show", "third", "--format", "json"))["site"] == "North"


def test_an_episode_at_another_site_is_refused(place: Place) -> None:
    """It says which sites there are, and opens nothing."""
    before = place.contents("accesses")
    result = place.run("limited", "open", "--patient", "MRN-3", "--site", "South")
    assert (result.exit_code, "limited to episodes at North, not at South" in result.stderr) == (
        4, True,
    )  # fmt: skip
    assert place.contents("accesses") == before


def test_who_has_several_sites_says_which(place: Place) -> None:
    """Nothing is guessed."""
    login = ("--login", LOGINS["limited"], "--role", "coordinator")
    place.ok("anna", "db", "roles", *login, "--site", "North", "--site", "Harbour")
    result = place.run("limited", "open", "--patient", "MRN-3")
    assert (result.exit_code, "at Harbour or North" in result.stderr) == (2, True)


def test_a_reference_is_that_of_one_episode_everywhere(place: Place) -> None:
    """Also of one that she may not see: she is told that it is taken, and no more."""
    words = ("--patient", "MRN-3", "--site", "North", "--reference", SOUTH)
    before = place.contents("accesses")
    result = place.run("limited", "open", *words)
    assert (result.exit_code, "MRN-S" in result.output) == (4, False)
    assert f"the reference {SOUTH!r} is that of an episode you may not see" in result.stderr
    assert place.contents("accesses") == before


def test_twin_that_asks_what_is_seen_takes_it_twice(place: Place) -> None:
    """Were she asked by what she sees, two episodes would have that reference."""
    place.attempt(None, "ALTER FUNCTION names_taken(text, text) SECURITY INVOKER")
    words = ("--patient", "MRN-3", "--site", "North", "--reference", SOUTH)
    place.ok("limited", "open", *words)
    assert place.run("coordinator", "show", SOUTH).exit_code == 3


def test_an_episode_is_not_moved_away(place: Place) -> None:
    """A correction that would take it out of sight is refused, and changes nothing."""
    opened = json.loads(place.ok("limited", "show", NORTH, "--format", "json"))["events"]
    (event,) = [e["id"] for e in opened if e["event"] == "episode-opened"]
    before = place.contents("accesses")
    words = ("correct", NORTH, event, "--set", "site=South", "--reason", "moved")
    result = place.run("limited", *words)
    assert (result.exit_code, place.contents("accesses")) == (4, before)
    assert "you are limited to episodes at North" in result.stderr


def test_an_import_that_opens_elsewhere_is_refused(place: Place) -> None:
    """A line without a site would open an episode that she does not see."""
    file = place.home / "afar"
    file.write_text(json.dumps(LINE) + "\n")
    before = place.contents("accesses")
    result = place.run("limited", "import", str(file))
    assert (result.exit_code, place.contents("accesses")) == (4, before)


def test_not_found_says_where_it_looked(planted: Place) -> None:
    """The same words whether there is such an episode elsewhere or nowhere."""
    said = [planted.run("limited", "show", name).stderr for name in (SOUTH, "case-none")]
    assert said[0].replace(SOUTH, "X") == said[1].replace("case-none", "X")
    assert "where you may look, at North" in said[0]
    assert "--break-glass REASON" in said[0]


def test_a_search_that_finds_nothing_says_where_it_looked(planted: Place) -> None:
    """As `show` does, and the same words whether there is such a patient elsewhere or nowhere."""
    said = [planted.run("limited", "find", name).stderr for name in ("MRN-S", "MRN-none")]
    assert said[0].replace("MRN-S", "X") == said[1].replace("MRN-none", "X")
    assert "Nothing is called 'MRN-S' where you may look, at North, nor in part." in said[0]
    assert "--break-glass REASON" in said[0]


def test_a_search_of_every_site_says_no_more(planted: Place) -> None:
    """Who sees every site, or breaks the glass, has no other place to look."""
    for who, words in (("coordinator", ()), ("limited", ("--break-glass", "on call"))):
        said = planted.run(who, *words, "find", "MRN-none").stderr
        assert ("nor in part" in said, "where you may" in said, "Try" in said) == (
            True, False, False,
        )  # fmt: skip


FILTERED = (
    ("worklist",),
    ("protocol", "adopt", BUILT_IN, "--all", "--dry-run"),
)


@pytest.mark.parametrize("words", FILTERED)
def test_a_filter_by_another_site_is_refused(planted: Place, words: tuple[str, ...]) -> None:
    """Nothing found where she may not look is no all-clear, whether anybody is there or not."""
    for site in ("South", "Nowhere"):
        told = planted.run("limited", *words, "--site", site)
        assert (told.exit_code, told.stdout) == (4, "")
        assert f"limited to episodes at North, not at {site}" in told.stderr
        assert "--break-glass REASON" in told.stderr


@pytest.mark.parametrize("words", FILTERED)
def test_a_filter_by_a_site_that_is_seen_is_not(planted: Place, words: tuple[str, ...]) -> None:
    """Hers, for who is not limited any, and under broken glass any."""
    planted.ok("limited", *words, "--site", "North")
    planted.ok("coordinator", *words, "--site", "South")
    planted.ok("limited", "--break-glass", "on call", *words, "--site", "South")


def test_several_that_fit_are_those_of_her_sites(planted: Place) -> None:
    """What would fit two episodes fits one, since the other is out of sight."""
    assert planted.run("coordinator", "show", "case-").exit_code == 3
    assert NORTH in planted.ok("limited", "show", "case-")


@pytest.mark.parametrize(
    "command", ["stats", "worklist", "find MRN", "outbox list", "export --all"]
)
def test_counts_are_those_of_her_sites(planted: Place, command: str) -> None:
    """Nothing that is shown tells of the other site, nor counts it."""
    words = command.split()
    fmt = () if command.startswith("export") else ("--format", "json")
    hers = planted.ok("limited", *words, *fmt)
    everything = planted.ok("coordinator", *words, *fmt)
    assert hers != everything
    assert not any(word in hers for word in (SOUTH, "MRN-S", "South"))


def test_what_is_told_of_the_whole_is_left_out(planted: Place) -> None:
    """Where the log ends and what schedulers did is of every site."""
    status = json.loads(planted.ok("limited", "projections", "status", "--format", "json"))
    (state,) = status if isinstance(status, list) else [status]
    assert (state["position"], state["head"], state["episodes"]) == (None, None, 1)
    (beat,) = json.loads(planted.ok("limited", "scheduler", "status", "--format", "json"))[
        "schedulers"
    ]
    assert {beat[name] for name in ("issued", "skipped", "still_due", "sent", "failed")} == {None}
    assert beat["last_tick"] is not None


def test_doctor_finds_nothing_wrong_with_what_is_not_seen(planted: Place) -> None:
    """Events of others are no gap in the log, and its lists are up to its end."""
    found = json.loads(planted.run("limited", "doctor", "--format", "json").stdout)
    states = {row["check"]: row["state"] for row in found}
    assert (states["log"], states["lists"]) == ("ok", "ok")


UNLISTED = (
    "INSERT INTO parked SELECT episode_key, 1, 'x', 0 FROM episode_index"
    f" WHERE reference = '{SOUTH}'",
    "DELETE FROM worklist WHERE site = 'South'",
)
"""What leaves an episode without a site: its rows could not be written."""
MISSING = "Some may be missing"


@pytest.mark.parametrize("command", ["worklist", "find case-", "stats", "scheduler status"])
def test_what_is_in_nobodys_list_may_be_missing(place: Place, command: str) -> None:
    """She is told so, and of which episode only who sees every site."""
    for statement in UNLISTED:
        place.attempt(None, statement)
    said = place.run("limited", *command.split()).stderr
    assert (MISSING in said, "E-" in said, "Incomplete" in said) == (True, False, False)
    said = place.run("coordinator", *command.split()).stderr
    assert (MISSING in said, "Incomplete: " in said) == (False, True)


def test_what_is_in_the_list_of_another_site_is_not_missing(place: Place) -> None:
    """The twin: with its row it has a site, which is not hers."""
    place.attempt(None, UNLISTED[0])
    assert MISSING not in place.run("limited", "worklist").stderr
