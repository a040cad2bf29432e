"""Exporting lines that an import takes back."""

import json

import pytest

from tests.interchange.conftest import Tracker, Write, line

OP = line("surgery-performed", "op", "2026-03-01T08:00:00Z", level="L4-L5", actor="Dr B")
PATCH = line("blood-patch-performed", "p", "2026-03-03T08:00:00Z", volume_ml=18)
FIX = line("event-corrected", "c", target="p", changes={"volume_ml": 19, "level": None}, reason="x")


def lines(tracker: Tracker, *arguments: str) -> list[dict[str, object]]:
    """Return what an export writes."""
    return [json.loads(text) for text in tracker.ok("export", *arguments).splitlines()]


def test_an_import_takes_an_export_back(tracker: Tracker, file: Write, other: Tracker) -> None:
    """In another directory the same facts give the same lines, bar what the system knows."""
    tracker.ok("import", file(OP, PATCH, FIX))
    tracker.ok("open", "--patient", "P2")
    exported = tracker.ok("export", "--all")
    other.ok("import", file(exported))
    for told, again in zip(lines(tracker, "--all"), lines(other, "--all"), strict=True):
        system = ("recorded_at", "recorded_by", "source")
        assert {k: v for k, v in told.items() if k not in system} == {
            k: v for k, v in again.items() if k not in system
        }


def test_where_it_came_from_an_export_adds_nothing(tracker: Tracker, file: Write) -> None:
    """Importing an export into its own database is a repetition."""
    tracker.ok("import", file(OP, PATCH, FIX))
    tracker.ok("open", "--patient", "P2")
    done = tracker.json("import", file(tracker.ok("export", "--all")))
    assert (done["imported"], done["already"]) == (0, 5)


def test_short_ids_go_along(tracker: Tracker, file: Write, other: Tracker) -> None:
    """People may go on calling the episode what they called it."""
    opened = tracker.json("open", "--patient", "P2")["episode"]
    other.ok("import", file(tracker.ok("export", opened)))
    assert other.json("show", opened)["patient"] == "P2"


def test_what_the_scheduler_wrote_is_exported_and_left_out(
    tracker: Tracker, file: Write, other: Tracker
) -> None:
    """An export keeps it; an import counts it and leaves it out."""
    tracker.ok("open", "--patient", "P2", "--reference", "case-1")
    tracker.ok("record", "headache-assessed", "case-1", "--posture", "orthostatic")
    tracker.ok("scheduler", "tick")
    told = lines(tracker, "case-1")
    issued = [t for t in told if t["event"] == "reminder-issued"]
    done = other.json("import", file(*told))
    assert issued
    assert (done["left_out"], done["imported"]) == (len(issued), len(told) - len(issued))


def test_the_person_is_the_actor_of_a_line(tracker: Tracker, file: Write) -> None:
    """Who said it comes back as who said it; who recorded it stands beside."""
    tracker.ok("import", file(OP))
    told = lines(tracker, "case-1")[-1]
    assert (told["actor"], told["recorded_by"]) == ("Dr B", "anna")


def test_other_forms_are_refused(tracker: Tracker, file: Write) -> None:
    """The hint names the form there is."""
    tracker.ok("import", file(OP))
    code, said = tracker.refused("export", "case-1", "--as", "fhir")
    assert (code, "jsonl" in said) == (2, True)


def test_nothing_named_is_refused(tracker: Tracker) -> None:
    """Neither nothing nor everything and something is exported."""
    tracker.ok("init")
    assert tracker.refused("export")[0] == 2
    assert tracker.refused("export", "case-1", "--all")[0] == 2


@pytest.mark.parametrize("uuid", ["not a uuid at all", "A" * 32, "0" * 31])
@pytest.mark.parametrize("command", ["export", "import"])
def test_a_row_without_a_uuid_is_named(
    tracker: Tracker, file: Write, command: str, uuid: str
) -> None:
    """Who wrote it past the program is not told that the program has a fault."""
    tracker.ok("open", "--patient", "P2")
    taken = file(tracker.ok("export", "--all"))
    tracker.execute(f"INSERT INTO episodes (uuid) VALUES ('{uuid}')")
    words = ("--all",) if command == "export" else (taken,)
    code, said = tracker.refused(command, *words)
    assert code == 1
    assert "in the table episodes the row with the key 2 holds no UUID" in said
    assert "ask whoever looks after the database" in said
