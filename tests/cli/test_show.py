"""Reading an episode: the JSON contract, both time axes, and what a person sees."""

import csv
import io
import json
import re

import pytest

from tests.cli.conftest import Tracker

CONTRACT = {
    "episode", "reference", "patient", "stage", "urgent", "leak", "at", "known_at", "protocol",
    "incomplete", "next_steps", "reminders", "alerts", "events",
}  # fmt: skip
REMINDER = {"id", "kind", "anchor", "opens_at", "due_at", "status", "issued", "because", "source"}
ALERT = {"id", "rule", "severity", "active", "since", "because", "source"}
EVENT = {"id", "event", "occurred_at", "recorded_at", "actor", "data", "voided", "corrected_by"}


def test_contract(episode: Tracker) -> None:
    """`show --format json` holds every key of the contract, instants in UTC with Z."""
    shown = episode.json("show", "case-1")
    assert shown.keys() >= CONTRACT
    assert shown["at"] == shown["known_at"] == "2026-03-05T09:00:00Z"
    assert all(item.keys() >= REMINDER for item in shown["reminders"])
    assert all(item.keys() >= ALERT for item in shown["alerts"])
    assert all(item.keys() >= EVENT for item in shown["events"])
    assert all({"text", "rule", "source"} <= item.keys() for item in shown["next_steps"])
    assert shown["reminders"]
    assert shown["alerts"]


def test_by_every_name(episode: Tracker) -> None:
    """Short id, its beginning in any case, uuid and reference name the same episode."""
    shown = episode.json("show", "case-1")
    for name in (shown["episode"], shown["episode"][:4].lower(), shown["uuid"]):
        assert episode.json("show", name) == shown


def test_corrected_and_voided_events(episode: Tracker) -> None:
    """Events show what holds now, what corrected them, and whether they are void."""
    fix = episode.json("correct", "case-1", "op", "--set", "level=L1-L2", "--reason", "typo")
    episode.ok("void", "case-1", "head", "--reason", "other patient")
    events = {e["id"]: e for e in episode.json("show", "case-1")["events"]}
    assert events["op"]["data"]["level"] == "L1-L2"
    assert events["op"]["corrected_by"] == [fix["event"]["id"]]
    assert (events["op"]["voided"], events["head"]["voided"]) == (False, True)


def test_at_looks_at_what_was_true(episode: Tracker) -> None:
    """`--at` shows the patient as of then, by what is known now."""
    shown = episode.json("show", "case-1", "--at", "2026-03-02 12:00")
    assert shown["stage"] == "at-risk"
    assert shown["at"] == "2026-03-02T11:00:00Z"
    assert "head" not in [e["id"] for e in shown["events"]]


def test_known_at_looks_at_what_was_known(episode: Tracker) -> None:
    """`--known-at` leaves out what was recorded later, and is inclusive."""
    episode.clock.tick(60)
    episode.ok("record", "bed-rest-started", "case-1", "--at", "2026-03-03T09:00Z", "--id", "rest")
    before = episode.json("show", "case-1", "--known-at", "2026-03-05T09:00:59Z")
    after = episode.json("show", "case-1", "--known-at", "2026-03-05T09:01:00Z")
    assert "rest" not in [e["id"] for e in before["events"]]
    assert "rest" in [e["id"] for e in after["events"]]
    assert before["at"] == before["known_at"] == "2026-03-05T09:00:59Z"


def test_before_anything_was_known_is_not_found(episode: Tracker) -> None:
    """Since when something is known is told in the zone of the patient."""
    code, said = episode.refused("show", "case-1", "--known-at", "2026-03-01T09:00Z")
    assert (code, "at 2026-03-01 10:00 +01:00" in said) == (3, True)
    assert "first recorded at 2026-03-05 10:00 +01:00" in said


def test_forecast_says_so(episode: Tracker) -> None:
    """A time ahead is a forecast: said on stderr, marked in JSON."""
    result = episode.run("show", "case-1", "--at", "+30d", "--format", "json")
    assert json.loads(result.stdout)["forecast"] is True
    assert "Forecast" in result.stderr


def test_page_for_a_person(episode: Tracker) -> None:
    """The page shows stage, next steps with their source, what is owed, and the events."""
    page = episode.ok("show", "case-1")
    assert "Stage assessment, leak active" in page
    assert "conservative-start" in page
    assert "L33 [2,5]" in page
    assert "2026-03-03 09:00 +01:00" in page
    assert "level L4-L5" in page


def test_csv_has_a_section_for_each_kind(episode: Tracker) -> None:
    """The CSV form lists the episode, steps, reminders, alerts and events."""
    rows = list(csv.DictReader(io.StringIO(episode.ok("show", "case-1", "--format", "csv"))))
    assert {r["section"] for r in rows} == {
        "episode", "next-step", "reminder", "alert", "event",
    }  # fmt: skip


def test_next(episode: Tracker) -> None:
    """`next` is never empty while there are symptoms."""
    steps = episode.json("next", "case-1")["next_steps"]
    assert steps[0]["text"]
    assert steps[0]["owner"]


def test_timeline_is_in_the_order_of_truth(episode: Tracker) -> None:
    """An event recorded late stands where it was true, with its fields in words."""
    episode.ok("record", "bed-rest-started", "case-1", "--at", "2026-03-02T10:00Z", "--id", "rest")
    rows = episode.json("timeline", "case-1")
    assert [r["id"] for r in rows][1:] == ["op", "rest", "head"]
    assert rows[1]["summary"] == "level L4-L5"


def test_timeline_tells_old_and_new_values(episode: Tracker) -> None:
    """Of what was corrected, and on the line of the correction; whole numbers without a point."""
    episode.ok("record", "blood-patch-performed", "case-1", "--id", "patch", "--volume-ml", "12")
    for value, name in (("18.0", "first"), ("20.5", "second")):
        episode.ok("correct", "case-1", "patch", "--set", f"volume_ml={value}",
                   "--reason", "typo", "--id", name)  # fmt: skip
    rows = {row["id"]: row for row in episode.json("timeline", "case-1")}
    told = "corrects blood-patch-performed patch: volume"
    assert rows["first"]["summary"] == f"{told} 12 -> 18 mL, reason: typo"
    assert rows["second"]["summary"] == f"{told} 18 -> 20.5 mL, reason: typo"
    assert rows["patch"]["remark"] == "corrected: volume 12 -> 20.5 mL"
    assert rows["second"]["amends"]["changes"][0]["before"] == 18
    assert "amends" not in rows["patch"]


def test_timeline_names_what_was_voided(episode: Tracker) -> None:
    """The line of a voiding says which event, when it was, what it said, and why."""
    episode.ok("void", "case-1", "op", "--reason", "other patient", "--id", "undo")
    rows = {row["id"]: row for row in episode.json("timeline", "case-1")}
    what = "2026-03-02 09:00 +01:00, level L4-L5"
    assert rows["undo"]["summary"] == (f"voids surgery-performed op: {what}, reason: other patient")
    assert rows["op"]["remark"] == "voided"


def test_explain_absent_rule(episode: Tracker) -> None:
    """An absent rule is explained: why it is not raised."""
    told = episode.ok("explain", "case-1", "patch-delayed")
    assert told.startswith("patch-delayed is not raised because")
    assert "source: L127 [2]" in told


def test_eyes_read_what_the_pathway_says_in_the_zone_of_the_patient(episode: Tracker) -> None:
    """Next steps, alerts and explanations name no instant in UTC; JSON does."""
    answer = episode.ok("record", "blood-patch-performed", "case-1", "--at", "2026-03-04T07:30Z")
    assert "48 h is 2026-03-04 09:00 +01:00" in answer
    pages = [episode.ok(command, "case-1") for command in ("next", "show", "explain")]
    pages.append(episode.ok("explain", "case-1", "early-review"))
    assert [re.findall(r"[0-9]Z\b", page) for page in pages] == [[]] * len(pages)
    assert "From 2026-03-14 08:30 +01:00: " in pages[0]
    steps = episode.json("next", "case-1")["next_steps"]
    assert any("From 2026-03-14 07:30Z: " in step["text"] for step in steps)


def test_explain_everything(episode: Tracker) -> None:
    """Without a topic, everything that stands is explained, with events and sources."""
    told = episode.json("explain", "case-1")
    assert told[0]["title"] == "stage assessment"
    assert len(told) > 2
    assert all(part["lines"] for part in told)


def test_find(episode: Tracker) -> None:
    """`find` finds by the beginning of patient, reference and short id."""
    for text in ("MRN", "case", "E-"):
        assert [r["reference"] for r in episode.json("find", text)] == ["case-1"]
    assert episode.json("find", "zzz") == []


def test_stats(episode: Tracker) -> None:
    """`stats` counts episodes by stage."""
    counts = episode.json("stats")
    assert counts["episodes"] == 1
    assert counts["stage/assessment"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "There are no episodes."), (("cohort",), "Nothing is counted by cohort yet.")],
)
def test_stats_of_nothing_say_so(tracker: Tracker, words: tuple[str, ...], said: str) -> None:
    """An answer, and not silence, which could be a failure too."""
    tracker.ok("init")
    told = tracker.run("stats", *words)
    assert (told.exit_code, told.stdout, said in told.stderr) == (0, "", True)


def test_stats_are_drawn_under_headings(episode: Tracker) -> None:
    """Each group has its heading, and its rows are called by what they are in it."""
    lines = episode.ok("stats").splitlines()
    place = lines.index("Stage")
    assert lines[place + 3].split()[:2] == ["assessment", "1"]
    assert {"Leak", "Active alert", "Reminder"} < set(lines)


def test_stats_show_what_was_published(episode: Tracker) -> None:
    """The share of first patches with remission stands beside the published one."""
    episode.ok("record", "blood-patch-performed", "case-1", "--at", "2h ago")
    episode.ok("record", "headache-assessed", "case-1", "--posture", "none", "--at", "1h ago")
    told = episode.ok("stats", "cohort", "--format", "csv").splitlines()
    assert "cohort/first-patch-remission,1,1,100.0,33-91 %,L57 [2]" in told
    assert "cohort/intervention,1,,,," in told
    assert episode.json("stats", "cohort")["cohort/first-patch-remission"] == 1


def heads(tracker: Tracker, number: int) -> None:
    """Record headaches, a minute apart."""
    for minute in range(number):
        at = f"2026-03-04T08:{minute:02}Z"
        tracker.ok("record", "headache-assessed", "case-1", "--posture", "none", "--at", at)


def test_a_page_shows_the_latest_events(episode: Tracker) -> None:
    """What a person looks for is what happened last; the others are counted."""
    heads(episode, 7)
    page = episode.ok("show", "case-1")
    assert page.count("headache-assessed") == 8
    assert "surgery-performed" not in page
    assert "2 earlier events: --all-events" in page


def test_a_page_shows_all_events_when_asked(episode: Tracker) -> None:
    """Nothing is hidden for good, and programs always get everything."""
    heads(episode, 7)
    page = episode.ok("show", "case-1", "--all-events")
    assert page.count("headache-assessed") == 8
    assert "surgery-performed" in page
    assert len(episode.json("show", "case-1")["events"]) == 10


def test_ids_on_a_page_are_as_short_as_they_can_be(episode: Tracker) -> None:
    """A reminder that another patch took the place of names that patch by eight letters."""
    patch = ("record", "blood-patch-performed", "case-1", "--volume-ml", "18", "--at")
    episode.ok(*patch, "2026-03-04T10:00Z")
    second = episode.json(*patch, "2026-03-05T08:00Z")["event"]["id"]
    page = episode.ok("show", "case-1")
    assert f"superseded by {second[:8]}" in page
    assert second not in page
