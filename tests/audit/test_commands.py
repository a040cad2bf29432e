"""`audit replay` and `audit diff` on the command line."""

import csv
import io
import itertools
import json
import re

from tests.audit.conftest import Tracker


def test_a_replay_tells_each_step_in_words(patched: Tracker) -> None:
    """Event, person, what changed, by which rule."""
    said = patched.ok("audit", "replay", "Ms-Miller")
    assert "blood-patch-performed patch by anna" in said
    assert "stage at-risk -> post-patch" in said
    assert "reminder early-review: scheduled" in said
    assert "[L121 [1,2]]" in said


def test_every_form_has_every_step(patched: Tracker) -> None:
    """JSON, JSON Lines and CSV tell the same steps."""
    whole = patched.json("audit", "replay", "Ms-Miller")["steps"]
    lines = patched.ok("audit", "replay", "Ms-Miller", "--format", "ndjson").splitlines()
    rows = patched.ok("audit", "replay", "Ms-Miller", "--format", "csv")
    assert [json.loads(line) for line in lines] == whole
    numbers = {int(row["step"]) for row in csv.DictReader(io.StringIO(rows))}
    assert numbers == {step["step"] for step in whole}


def test_from_and_to_bound_what_is_shown(patched: Tracker) -> None:
    """Steps keep their numbers: those before are computed and not shown."""
    told = patched.json("audit", "replay", "Ms-Miller", "--from", "2026-03-02 00:00")["steps"]
    assert told[0]["event"]["id"] == "patch"
    assert told[0]["step"] == 3
    assert patched.json(
        "audit", "replay", "Ms-Miller", "--to", "2026-03-02 00:00"
    )["steps"][-1]["event"]["id"] == "op"  # fmt: skip


def test_from_after_to_is_refused(patched: Tracker) -> None:
    """An empty stretch is a mistake."""
    code, said = patched.refused(
        "audit", "replay", "Ms-Miller", "--from", "2026-03-03 00:00", "--to", "2026-03-02 00:00"
    )
    assert (code, "--from is after --to" in said) == (2, True)


def test_a_replay_without_a_step_says_so(patched: Tracker) -> None:
    """It is no empty page."""
    told = patched.run("audit", "replay", "Ms-Miller", "--to", "2020-01-01 00:00")
    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr == "There is no step in that time.\n"
    assert "no step" not in patched.run("audit", "replay", "Ms-Miller").stderr


def test_a_replay_never_asks_the_read_models(patched: Tracker) -> None:
    """What the rows say does not matter to an auditor."""
    before = patched.ok("audit", "replay", "Ms-Miller")
    patched.execute("UPDATE worklist SET stage = 'closed'")
    assert patched.ok("audit", "replay", "Ms-Miller") == before


def test_diff_tells_what_changed_and_what_was_recorded(patched: Tracker) -> None:
    """Between two moments, each by what was known then."""
    told = patched.json("audit", "diff", "Ms-Miller", "--from", "2026-03-02 00:00")
    assert (told["from"]["stage"], told["to"]["stage"]) == ("at-risk", "post-patch")
    assert [e["id"] for e in told["events"]] == ["patch"]
    assert {c["name"] for c in told["changes"]} >= {"stage", "early-review"}


def test_diff_of_one_moment_tells_what_was_learned_since(patched: Tracker) -> None:
    """The same moment, by what was known then and by what is known now."""
    patched.clock.move_to("2026-03-04T09:00:00Z")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    then = "2026-03-03 10:00"
    told = patched.json(
        "audit", "diff", "Ms-Miller", "--from", then, "--to", then, "--known-to", "now"
    )
    assert (told["from"]["stage"], told["to"]["stage"]) == ("post-patch", "at-risk")


def test_diff_before_anything_was_known_is_not_found(patched: Tracker) -> None:
    """There is nothing to compare with."""
    code, said = patched.refused("audit", "diff", "Ms-Miller", "--from", "2026-02-01 00:00")
    assert code == 3
    assert "nothing was known of this episode at 2026-02-01 00:00 +00:00" in said
    assert "it was first recorded at 2026-03-01 09:00 +00:00" in said


def amended(patched: Tracker) -> None:
    """Give the patch a volume, correct it an hour later, and void it after another."""
    patched.ok("correct", "Ms-Miller", "patch", "--set", "volume_ml=12", "--reason", "forgotten")
    for hour, words in (
        ("10", ("correct", "Ms-Miller", "patch", "--set", "volume_ml=18", "--reason", "typo")),
        ("11", ("void", "Ms-Miller", "patch", "--reason", "other patient")),
    ):
        patched.clock.move_to(f"2026-03-03T{hour}:00:00Z")
        patched.ok(*words, "--id", f"at-{hour}")


CORRECTED = "corrects blood-patch-performed patch: volume 12 -> 18 mL, reason: typo"
VOIDED = (
    "voids blood-patch-performed patch: 2026-03-03 09:00 +00:00, volume 18 mL, "
    "reason: other patient"
)


def test_a_replay_tells_what_was_corrected_and_voided(patched: Tracker) -> None:
    """Old and new value, what was voided, and why: in words and in CSV."""
    amended(patched)
    for fmt in ("table", "csv"):
        said = patched.ok("audit", "replay", "Ms-Miller", "--format", fmt)
        assert CORRECTED in said
        assert VOIDED in said


def test_a_replay_in_json_has_target_changes_and_reason(patched: Tracker) -> None:
    """For programs: values as they were and as they are."""
    amended(patched)
    steps = patched.json("audit", "replay", "Ms-Miller")["steps"]
    found = {s["event"]["id"]: s["event"].get("amends") for s in steps if s["event"]}
    assert found["op"] is None
    fix, void = found["at-10"], found["at-11"]
    assert fix["changes"] == [{"field": "volume_ml", "before": 12, "after": 18}]
    assert (fix["target"]["id"], fix["reason"]) == ("patch", "typo")
    assert void["target"]["data"] == {"volume_ml": 18}
    assert (void["how"], void["changes"], void["reason"]) == ("voids", [], "other patient")


def test_a_diff_tells_what_was_corrected_and_voided(patched: Tracker) -> None:
    """In every format."""
    amended(patched)
    words = ("audit", "diff", "Ms-Miller", "--from", "2026-03-03 09:30", "--format")
    for fmt in ("table", "csv", "ndjson"):
        said = patched.ok(*words, fmt)
        assert CORRECTED in said
        assert VOIDED in said
    whole = json.loads(patched.ok(*words, "json"))
    assert [e["amends"]["how"] for e in whole["events"]] == ["corrects", "voids"]


def test_a_voided_correction_is_told_with_what_it_had_changed(patched: Tracker) -> None:
    """Who takes a correction back undoes its values."""
    patched.ok("correct", "Ms-Miller", "op", "--set", "level=L4-L5", "--reason", "typo",
               "--id", "fix")  # fmt: skip
    patched.ok("void", "Ms-Miller", "fix", "--reason", "was right")
    said = patched.ok("audit", "replay", "Ms-Miller")
    undone = "corrects surgery-performed op: level none -> L4-L5, reason: typo, reason: was right"
    assert undone in said


def test_a_diff_from_after_to_is_refused(patched: Tracker) -> None:
    """The hint has the two the other way round; without --to the second moment is now."""
    words = ("audit", "diff", "Ms-Miller", "--from")
    code, said = patched.refused(*words, "2026-03-03 00:00", "--to", "2026-03-02 00:00")
    assert (code, "--from is after --to" in said) == (2, True)
    assert "--from '2026-03-02 00:00' --to '2026-03-03 00:00'" in said
    code, said = patched.refused(*words, "+1d")
    assert (code, "--to is now" in said) == (2, True)


def test_eyes_read_times_in_the_zone_of_the_patient(patched: Tracker) -> None:
    """Windows and alerts too, to the minute; JSON keeps UTC."""
    patched.ok("correct", "Ms-Miller", "op", "--set", "at=2026-03-02 14:00", "--reason", "typo")
    opening = patched.json("timeline", "Ms-Miller")[0]["id"]
    patched.ok("correct", "Ms-Miller", opening, "--set", "time_zone=Asia/Tokyo",
               "--reason", "typo")  # fmt: skip
    said = patched.ok("audit", "replay", "Ms-Miller")
    assert "opens 2026-03-04 18:00 +09:00, due 2026-03-05 18:00 +09:00" in said
    assert "48 h is 2026-03-04 23:00 +09:00" in said
    assert re.search(r"[0-9]Z\b|:00:00|\.[0-9]{6}", said) is None
    steps = patched.json("audit", "replay", "Ms-Miller")["steps"]
    assert all(step["at"].endswith("Z") for step in steps)


def withdrawn(patched: Tracker) -> None:
    """Issue the first review, void its patch, and let the next tick withdraw what was said."""
    patched.clock.move_to("2026-03-04T10:00:00Z")
    patched.ok("scheduler", "tick")
    patched.clock.move_to("2026-03-04T11:00:00Z")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    patched.ok("scheduler", "tick")


def test_a_replay_names_what_a_withdrawal_takes_back_and_why(patched: Tracker) -> None:
    """It is no step at which nothing changes."""
    withdrawn(patched)
    said = patched.ok("audit", "replay", "Ms-Miller")
    assert "withdraws early-review:patch: its ground was corrected or voided" in said
    assert "nothing changes" not in said.partition("withdraws early-review:patch")[2]


def test_a_replay_tells_why_something_was_skipped(patched: Tracker) -> None:
    """As JSON and the timeline do; a diff too."""
    patched.clock.move_to("2026-03-07T10:00:00Z")
    patched.ok("scheduler", "tick")
    why = "skips observation-end:patch overdue: more than 24 h after it was due it is of no use"
    assert why in patched.ok("audit", "replay", "Ms-Miller")
    assert why in patched.ok("audit", "diff", "Ms-Miller", "--from", "2026-03-04 00:00")


def test_what_a_record_issued_at_once_is_not_said_to_come_from_a_tick(patched: Tracker) -> None:
    """Something urgent was recorded where no scheduler ticked; what a tick issued says no such."""
    seizure = ("--present", "seizure", "--id", "fit")
    patched.ok("record", "symptoms-recorded", "Ms-Miller", *seizure)
    patched.clock.move_to("2026-03-04T10:00:00Z")
    patched.ok("scheduler", "tick")
    said = patched.ok("audit", "replay", "Ms-Miller").splitlines()
    heads = {head: after for head, after in itertools.pairwise(said) if "reminder-" in head}
    of = {"complication-review": True, "early-review": False}
    for kind, at_once in of.items():
        lines = [head for head, after in heads.items() if f"reminder {kind}" in after]
        assert lines
        assert (", at once after symptoms-recorded fit" in lines[0]) is at_once


def test_an_explanation_tells_what_was_voided(patched: Tracker) -> None:
    """A review that settled it and was entered in error, and a ground that was; no other."""
    review = ("--review", "early", "--mode", "phone", "--id", "seen")
    patched.clock.move_to("2026-03-04T10:00:00Z")
    patched.ok("record", "review-completed", "Ms-Miller", *review)
    settled = patched.ok("explain", "Ms-Miller", "early-review")
    assert "voided" not in settled
    patched.ok("void", "Ms-Miller", "seen", "--reason", "other patient")
    said = " ".join(patched.ok("explain", "Ms-Miller", "early-review").split())
    assert "seen: review-completed, 2026-03-04 10:00 +00:00, it settled the reminder" in said
    assert "it was voided at 2026-03-04 10:00 +00:00: other patient" in said
    assert "voided" not in patched.ok("explain", "Ms-Miller", "late-review")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    assert "a reminder rested on it" in patched.ok("explain", "Ms-Miller", "late-review")


def test_a_dry_run_shows_no_id_that_nothing_will_have(patched: Tracker) -> None:
    """Only one that was given is kept when the same is recorded."""
    words = ("void", "Ms-Miller", "patch", "--reason", "other patient", "--dry-run")
    assert "Would record event-voided in " in patched.ok(*words)
    assert "Would record event-voided mine in " in patched.ok(*words, "--id", "mine")
