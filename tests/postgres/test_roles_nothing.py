"""What a role may not do is refused too where nothing would be written."""

from collections.abc import Iterator

import pytest

from tests.access.planted import BUILT_IN
from tests.postgres.roles import NORTH, Place
from tests.postgres.server import Databases
from tracker.cli import rights

SNOOZE = ("--until", "2026-03-12T09:00Z", "--reason", "called")
WAIVE = ("--reason", "moved away")
HEADACHE = ("headache-assessed", NORTH, "--posture", "orthostatic", "--id", "h1")
DONE: dict[str, tuple[str, ...]] = {
    "snooze": (NORTH, "late-review", *SNOOZE),
    "waive": (NORTH, "early-review", *WAIVE, "--id", "w1"),
    "ack": (NORTH, "observation-end", "--id", "a1"),
    "assign": (NORTH, "anna"),
    "record": HEADACHE,
    "correct": (NORTH, "surgery-performed", "--set", "level=L3-L4", "--reason", "x", "--id", "c1"),
    "void": (NORTH, "h1", "--reason", "other patient", "--id", "v1"),
    "open": ("--patient", "MRN-9", "--reference", "nine", "--site", "North", "--id", "o1"),
    "import": ("{home}/new",),
    "protocol add": ("{home}/site.toml",),
    "protocol adopt": (NORTH, BUILT_IN, "--reason", "agreed"),
}
"""What is done once, and then again by somebody who may not."""
EMPTY: dict[str, tuple[str, ...]] = {
    "import": ("{home}/empty",),
    "outbox retry": ("--dead",),
    "protocol adopt": (BUILT_IN, "--all", "--reason", "agreed", "--yes"),
}
"""What finds nothing to do."""
LINES = [*DONE.items(), *EMPTY.items()]


@pytest.fixture(scope="module")
def done(server: Databases, planted: Place) -> Iterator[Place]:
    """A tracker in which all of it is done; the message that waits is left."""
    with server.database(planted.name) as name:
        place = planted._replace(name=name)
        (place.home / "empty").write_text("")
        for command, words in DONE.items():
            place.ok("coordinator", *command.split(), *filled(place, words))
        yield place


def filled(place: Place, words: tuple[str, ...]) -> list[str]:
    """Put in what is only known where a tracker is."""
    return [word.format(home=place.home) for word in words]


@pytest.mark.parametrize("who", ["auditor", "scheduler"])
@pytest.mark.parametrize(("command", "words"), LINES, ids=lambda one: str(one)[:20])
def test_it_is_refused(done: Place, who: str, command: str, words: tuple[str, ...]) -> None:
    """As it is where there is something to write."""
    result = done.run(who, *command.split(), *filled(done, words))
    if command == "outbox retry" and who == "scheduler":
        assert result.exit_code == 0, result.output
        return
    assert (result.exit_code, result.stdout) == (4, "")
    assert f"the role {who} may not run `tracker {command}`" in result.stderr


def test_it_is_refused_before_anything_is_asked(done: Place) -> None:
    """Whoever may not adopt a protocol is shown no difference, and answers no question."""
    result = done.run(
        "auditor", "protocol", "adopt", NORTH, f"{BUILT_IN}.site", "--reason", "agreed"
    )
    assert (result.exit_code, "from now on?" in result.output) == (4, False)
    assert "the role auditor may not run `tracker protocol adopt`" in result.stderr


@pytest.mark.parametrize(("command", "words"), LINES, ids=lambda one: str(one)[:20])
def test_who_may_is_told_that_it_is_done(done: Place, command: str, words: tuple[str, ...]) -> None:
    """And nothing is appended."""
    before = done.contents("accesses")
    done.ok("coordinator", *command.split(), *filled(done, words))
    assert done.contents("accesses") == before


@pytest.mark.parametrize("command", DONE)
def test_twin_that_leaves_it_to_the_server_says_yes(
    done: Place, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server refuses what is written, and nothing is."""
    monkeypatch.setattr(rights, "require", lambda *_: None)
    done.ok("auditor", *command.split(), *filled(done, DONE[command]))


def test_what_would_be_recorded_can_be_asked(done: Place) -> None:
    """A dry run writes nothing, whoever asks."""
    words = ("record", "leak-suspected", NORTH, "--dry-run")
    assert "Would record" in done.ok("auditor", *words)


def test_an_auditor_is_told_what_can_be_verified(done: Place) -> None:
    """Why not the lists, whom to ask, and that the log can be without."""
    result = done.run("auditor", "audit", "verify", "--deep")
    assert (result.exit_code, "changes" in result.stderr) == (4, False)
    assert "`tracker audit verify --deep`, which builds every list anew" in result.stderr
    assert "without --deep the whole log is verified" in result.stderr
    assert "ask the owner" in result.stderr
    assert "positions 1 to" in done.ok("auditor", "audit", "verify")


def test_marking_a_restore_is_called_what_it_is(done: Place) -> None:
    """It changes neither tables nor keys."""
    result = done.run("auditor", "db", "restored")
    assert result.exit_code == 4
    assert "which checks every table, mends the lists and marks what waits" in result.stderr
