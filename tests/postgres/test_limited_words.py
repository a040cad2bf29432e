"""A login that is limited to a site is told no word of another, whatever it asks and however."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from tests.access import lines
from tests.access.planted import BUILT_IN
from tests.postgres.roles import NORTH, SOUTH, Place
from tests.postgres.server import Databases
from tests.postgres.test_roles_matrix import LINES, given
from tracker.cli import main
from tracker.cli.render import FORMATS

Words = tuple[str, ...]
PATIENT, NURSE, DOCTOR = "MRN-S", "Nurse Southerly", "Dr Southern"
FOR = "--on-behalf-of"
TEXTS = ("a southern basis", "a southern reason", "a southern mistake", "a southern purpose")
LEAK = "southern-leak"
HAPPENED: tuple[Words, ...] = (
    ("assign", SOUTH, NURSE),
    (
        "--on-behalf-of",
        DOCTOR,
        "record",
        "leak-suspected",
        SOUTH,
        "--id",
        LEAK,
        "--basis",
        TEXTS[0],
    ),
    ("snooze", SOUTH, "early-review", "--until", "+24h", "--reason", TEXTS[1]),
    ("correct", SOUTH, "surgery-performed", "--set", "level=L5-S1", "--reason", TEXTS[2]),
    ("--purpose", TEXTS[3], "show", SOUTH),
)
"""What was said of the other site's episode, in words of its own."""

ASKED: dict[str, Words] = {
    "by reference": ("show", SOUTH),
    "by a part of it": ("show", "case-"),
    "by short id": ("show", "{short_id}"),
    "by uuid": ("show", "{uuid}"),
    "by patient": ("find", PATIENT),
    "by site": ("worklist", "--site", "South"),
    "by coordinator": ("worklist", "--coordinator", NURSE),
    "figures of a site": ("stats", "--site", "South"),
    "export of one": ("export", SOUTH),
    "calendar of one": ("export", SOUTH, "--as", "ics"),
    "calendar of somebody": ("calendar", "--coordinator", NURSE),
    "reminders of one": ("audit", "reconcile", SOUTH),
    "message": ("outbox", "show", "{message}"),
    "messages given up": ("outbox", "retry", "--dead"),
    "what would move": ("protocol", "adopt", BUILT_IN, "--all", "--dry-run"),
    "what would be recorded": ("record", "leak-suspected", SOUTH, "--dry-run"),
    "an id that is taken": ("record", "leak-suspected", NORTH, "--id", LEAK, "--dry-run"),
    "a reference that is taken": ("open", "--patient", "MRN-X", "--reference", SOUTH),
    "a patient in care": ("open", "--patient", PATIENT, "--site", "North"),
    "a line of a file": ("import", "{southern}"),
}
"""Other ways to ask, each of which names what only the other site has."""
COMMANDS = {name: (*name.split(), *line) for name, line in LINES.items()} | ASKED
READING = [name for name in COMMANDS if name in lines.SHOWING or name in ASKED]
NOTHING_TO_TELL = {
    "next": "it is of the episode that was named",
    "show": "it is of the episode that was named",
    "timeline": "it is of the episode that was named",
    "explain": "it is of the episode that was named",
    "outbox show": "it is of the message that was named",
    "audit replay": "it is of the episode that was named",
    "audit diff": "it is of the episode that was named",
    "stats": "it counts, and names nobody",
    "figures of a site": "it counts, and names nobody",
    "calendar": "the episode is not of who asks",
    "outbox retry": "it is of the message that was named",
    "outbox drop": "it is of the message that was named",
    "scheduler tick": "a coordinator does not tick",
    "audit access": "a coordinator does not read it",
    "audit export": "a coordinator does not export it",
    "protocol simulate": "nothing changes by the same protocol",
    "projections status": "no episode is parked",
    "messages given up": "none was",
    "an id that is taken": "an id is that of an event in an episode",
    "a line of a file": "it is of what the line names",
    "what would move": "every episode is on that protocol",
}
"""What tells even a coordinator of every site nothing of it, and why."""


@pytest.fixture(scope="module")
def southern(server: Databases, planted: Place) -> Iterator[Place]:
    """A tracker in which much was said of the other site's episode."""
    with server.database(planted.name) as name:
        place = planted._replace(name=name)
        for words in HAPPENED:
            place.ok("coordinator", *words)
        line = {
            "episode": SOUTH, "id": LEAK, "event": "leak-suspected", "data": {},
            "occurred_at": "2026-03-05T08:00:00Z",
        }  # fmt: skip
        (place.home / "southern").write_text(json.dumps(line) + "\n")
        yield place


def names(place: Place) -> dict[str, str]:
    """Return what the other site's episode and a message about it are called."""
    ask = (
        "SELECT i.uuid::uuid::text, i.short_id, min(o.id) FROM episode_index AS i"
        " JOIN outbox AS o USING (episode_key) WHERE i.reference = %s GROUP BY 1, 2"
    )
    ((uuid, short_id, message),) = place.attempt(None, ask, [SOUTH])
    return {"uuid": uuid, "short_id": short_id, "message": message}


def secrets(place: Place) -> set[str]:
    """Return every word by which somebody could know the other site's episode."""
    ask = (
        "SELECT convert_from(e.state, 'UTF8')::json ->> 'id', i.reference = %s FROM events AS e"
        " JOIN episode_index AS i USING (episode_key)"
    )
    rows = place.attempt(None, ask, [SOUTH])
    ids = {id_ for id_, south in rows if south} - {id_ for id_, south in rows if not south}
    called = names(place)
    plain = {SOUTH, PATIENT, "South", NURSE, DOCTOR, *TEXTS, *called.values()}
    return plain | {called["uuid"].replace("-", "")} | ids


def told(place: Place, who: str, name: str, fmt: str) -> set[str]:
    """Return which words of the other site a command line shows that were not typed."""
    file = place.home / "southern"
    known = given(who, name, place) | (names(place) if name in ASKED else {}) | {"southern": file}
    typed = [word.format(**known) for word in COMMANDS[name]]
    result = place.run(who, *typed, "--format", fmt)
    if "no such option: --format" in result.output:
        result = place.run(who, *typed)
    said = [*typed, file.read_text()] if str(file) in typed else typed
    return {w for w in secrets(place) if w in result.output and not any(w in one for one in said)}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_word_of_another_site_is_told(southern: Place, name: str) -> None:
    """In no format, on stdout or stderr, whether it is asked for it or not."""
    found = {fmt: told(southern, "limited", name, fmt) for fmt in FORMATS}
    assert not any(found.values()), found


@pytest.mark.parametrize("name", READING)
def test_who_is_not_limited_is_told(southern: Place, name: str) -> None:
    """The twin: the same line tells who sees every site of it."""
    assert bool(told(southern, "coordinator", name, "json")) == (name not in NOTHING_TO_TELL)


def completed(place: Place, who: str, *words: str) -> str:
    """Return what a shell is offered behind these words."""
    line = ["tracker", "--home", str(place.home), "--database", place.url(who), *words, ""]
    asked = {"COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(line) - 1)}
    env = {"_TRACKER_COMPLETE": "bash_complete"} | asked
    return CliRunner().invoke(main, prog_name="tracker", env=env).output


def test_no_word_of_another_site_is_offered(southern: Place) -> None:
    """Neither its names where an episode is asked for, nor what is owed in it."""
    offered = completed(southern, "limited", "show")
    assert (NORTH in offered, [w for w in secrets(southern) if w in offered]) == (True, [])
    assert completed(southern, "limited", "ack", SOUTH).strip() == ""


def test_who_is_not_limited_is_offered_it(southern: Place) -> None:
    """The twin: whoever sees every site completes its names, and what is owed there."""
    assert SOUTH in completed(southern, "coordinator", "show")
    assert "early-review" in completed(southern, "coordinator", "ack", SOUTH)


def test_every_word_is_there_to_be_told(southern: Place) -> None:
    """What is looked for is not looked for in vain: some command shows each of the words."""
    told_of = southern.ok("auditor", "audit", "access", "--limit", "10000", "--format", "json")
    for words in (
        ("export", "--all"), ("show", SOUTH), ("find", SOUTH, "--format", "json"),
        ("outbox", "list", "--format", "json"),
    ):  # fmt: skip
        told_of += southern.ok("coordinator", *words)
    without_dashes = names(southern)["uuid"].replace("-", "")
    assert {word for word in secrets(southern) if word not in told_of} == {without_dashes}


POLICIES = "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'"


@pytest.mark.parametrize("name", ["find", "worklist", "export", "outbox list"])
def test_twin_without_policies_tells(southern: Place, server: Databases, name: str) -> None:
    """Were the rows of the other site not kept back, a limited login would be told."""
    with server.database(southern.name) as copy:
        place = southern._replace(name=copy)
        for (table,) in place.attempt(None, POLICIES):
            place.attempt(None, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        assert told(place, "limited", name, "json")
