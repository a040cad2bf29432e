"""Every command as every role: it does what it is for, or is refused in words."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.access import lines
from tests.access.planted import BUILT_IN
from tests.cli.test_grammar import leaves
from tests.postgres.roles import LOGINS, NORTH, Place
from tests.postgres.server import Databases
from tracker.roles import commands

Words = tuple[str, ...]
LINES: dict[str, Words] = {
    "show": (NORTH,),
    "next": (NORTH,),
    "timeline": (NORTH,),
    "explain": (NORTH,),
    "find": ("MRN",),
    "worklist": (),
    "calendar": ("--mine",),
    "export": ("--all",),
    "stats": (),
    "scheduler status": (),
    "outbox list": (),
    "outbox show": ("{message}",),
    "audit replay": (NORTH,),
    "audit diff": (NORTH, "--from", "2026-03-02T08:00Z"),
    "audit access": (),
    "audit reconcile": ("--all",),
    "audit verify": (),
    "audit checkpoint": ("--key", "{home}/key", "--out", "{new}.checkpoint"),
    "audit export": (NORTH, "--unsigned", "--out", "{new}"),
    "projections status": (),
    "protocol simulate": (BUILT_IN,),
    "open": ("--patient", "MRN-NEW", "--site", "North", "--another", "second operation"),
    "record": ("headache-assessed", NORTH, "--posture", "orthostatic"),
    "correct": (NORTH, "surgery-performed", "--set", "level=L3-L4", "--reason", "typing error"),
    "void": (NORTH, "last", "--reason", "other patient"),
    "ack": (NORTH, "early-review"),
    "snooze": (NORTH, "early-review", "--until", "+24h", "--reason", "called"),
    "waive": (NORTH, "early-review", "--reason", "moved away"),
    "assign": (NORTH, "ben"),
    "import": ("{home}/new",),
    "protocol add": ("{home}/site.toml",),
    "scheduler tick": (),
    "outbox retry": ("{message}",),
    "outbox drop": ("{message}", "--reason", "told by phone"),
    "init": (),
    "config": (),
    "doctor": (),
    "channels list": (),
    "protocol list": (),
    "projections rebuild": (),
    "db upgrade": (),
    "db roles": (),
}
"""Command lines that every role tries, in this order."""
APART = {
    "scheduler run": "it does what a tick does, until it is stopped",
    "protocol adopt": "it records as others do",
    "protocol show": "it shows what comes with the program",
    "protocol diff": "it shows what comes with the program",
    "channels test": "it sends by what this machine's configuration names",
    "schema": "it needs no database",
    "audit keygen": "it needs no database",
    "completion": "it needs no database",
    "demo": "it makes a directory of its own",
    "keys status": "it needs a tracker that is encrypted",
    "keys backup": "it needs a tracker that is encrypted",
    "keys restore": "it needs a tracker that is encrypted",
    "keys rotate": "it needs a tracker that is encrypted",
    "erase": "it needs a tracker that is encrypted",
    "db backup": "it refuses a server's database to everybody",
    "db restore": "it makes a database of its own",
    "db restored": "it marks a database that was recovered",
    "db copy": "it makes a database of its own",
}
"""What is not tried here, and why."""
NOT_WELL = {"scheduler tick": 1, "doctor": 1}
"""What says that not all is well: the only channel is out of order."""
CHANGES_ON_LOOKING = ("accesses",)
READING = [name for name in lines.SHOWING if name in LINES]
"""Commands that show somebody."""
NOTHING_TO_SHOW = {
    "projections status": "no episode is parked",
    "scheduler tick": "what it issues is on record as events",
}
"""What shows nobody here, and why."""


def test_every_command_is_tried() -> None:
    """A command that nobody has thought about fails here; those of `record` are made alike."""
    there = ["record", *(" ".join(words) for words, _ in leaves())]
    assert sorted(there) == sorted([*LINES, *APART])


@pytest.fixture(scope="module", params=["owner", "coordinator", "limited", "scheduler", "auditor"])
def acting(
    request: pytest.FixtureRequest, server: Databases, planted: Place
) -> Iterator[tuple[str, Place]]:
    """A role, and a tracker that only its login uses."""
    with server.database(planted.name) as name:
        yield request.param, Place(server, name, planted.home)


@pytest.mark.parametrize("command", LINES)
def test_command(acting: tuple[str, Place], command: str) -> None:
    """It is done, or refused with the role's name and without any change."""
    who, place = acting
    role = "coordinator" if who == "limited" else who
    words = [word.format(**given(who, command, place)) for word in LINES[command]]
    before = place.contents(*CHANGES_ON_LOOKING)
    result = place.run(who, *command.split(), *words)
    if commands.may(role, command):
        assert result.exit_code == NOT_WELL.get(command, 0), result.output
        return
    assert result.exit_code == 4, result.output
    assert f"refused: the role {role} may not run `tracker {command}`" in result.stderr
    assert "Try: ask the " in result.stderr
    assert place.contents(*CHANGES_ON_LOOKING) == before


def test_every_command_that_shows_somebody_is_tried() -> None:
    """A command of the kind that leaves a look on record elsewhere is not left out here."""
    assert sorted(READING) == sorted(lines.SHOWING)


@pytest.mark.parametrize("command", [name for name in READING if name not in NOTHING_TO_SHOW])
def test_a_look_is_on_record_in_the_name_of_the_login(
    acting: tuple[str, Place], command: str
) -> None:
    """Whoever sees it, of whatever role, is named in the access log, and nobody else is."""
    who, place = acting
    role = "coordinator" if who == "limited" else who
    ask = "SELECT actor FROM accesses ORDER BY position"
    before = place.attempt(None, ask)
    words = [word.format(**given(who, command, place)) for word in LINES[command]]
    place.run(who, *command.split(), *words)
    new = {actor for (actor,) in place.attempt(None, ask)[len(before) :]}
    assert new <= {LOGINS[who]}
    assert new or not commands.may(role, command)


def given(who: str, command: str, place: Place) -> dict[str, object]:
    """Return what stands in the command lines."""
    new = place.home.parent / f"{who}-{command.replace(' ', '-')}-{uuid4().hex}"
    return {"home": place.home, "message": place.message, "new": new}
