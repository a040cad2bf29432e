"""Recording from the command line: what is stored, and what the answer says it changed."""

import json

import pytest

from tests.cli.conftest import Tracker


def test_answer_names_what_changed(episode: Tracker) -> None:
    """The JSON answer holds the stored event, the stages, the alerts and the reminders."""
    done = episode.json(
        "record", "blood-patch-performed", "case-1", "--at", "2026-03-05 09:00",
        "--volume-ml", "18", "--id", "patch",
    )  # fmt: skip
    assert done["event"]["id"] == "patch"
    assert done["event"]["occurred_at"] == "2026-03-05T08:00:00Z"
    assert done["event"]["recorded_at"] == "2026-03-05T09:00:00Z"
    assert done["event"]["data"] == {"volume_ml": 18.0}
    assert done["stage"] == {"before": "assessment", "after": "post-patch"}
    assert "protocol-clock-missing" in [a["rule"] for a in done["alerts"]["raised"]] + [
        a["rule"] for a in done["alerts"]["ended"]
    ]
    assert "early-review" in [r["kind"] for r in done["reminders"]["opened"]]


def test_answer_in_words_echoes_the_instant(episode: Tracker) -> None:
    """The answer says the instant that was understood, in the episode's zone and in UTC."""
    told = episode.ok("record", "bed-rest-started", "case-1", "--at", "yesterday 14:00")
    assert "2026-03-04 14:00 +01:00 Europe/Berlin (2026-03-04T13:00:00Z)" in told
    assert "Stage: assessment" in told


def test_voiding_withdraws_reminders(episode: Tracker) -> None:
    """Voiding a patch says that its reminders are withdrawn and the stage is back."""
    episode.ok("record", "blood-patch-performed", "case-1", "--id", "patch")
    done = episode.json("void", "case-1", "patch", "--reason", "wrong patient")
    assert done["stage"] == {"before": "post-patch", "after": "assessment"}
    assert "early-review" in [r["kind"] for r in done["reminders"]["withdrawn"]]


def test_an_alert_ends_or_is_withdrawn(episode: Tracker) -> None:
    """Acknowledged it ends; when what raised it is voided it never came about."""
    for name, volume in (("first", "22"), ("second", "25")):
        episode.ok("record", "blood-patch-performed", "case-1", "--id", name,
                   "--volume-ml", volume)  # fmt: skip
    seen = episode.ok("ack", "case-1", "patch-volume:first")
    assert "Alert ended: patch-volume\n" in seen
    undone = episode.ok("void", "case-1", "second", "--reason", "wrong patient")
    assert "Alert withdrawn: possible-duplicate\n" in undone
    assert "Alert ended" not in undone


def test_correcting_says_what_moved(episode: Tracker) -> None:
    """Correcting the time of a patch shows the windows that moved with it."""
    episode.ok("record", "blood-patch-performed", "case-1", "--id", "patch", "--at", "1h ago")
    done = episode.json(
        "correct", "case-1", "patch", "--set", "at=3h ago", "--reason", "clock was wrong"
    )
    moved = [r for r in done["reminders"]["changed"] if r["kind"] == "early-review"]
    assert moved[0]["opens_at"] == "2026-03-06T06:00:00Z"


def test_same_id_again_changes_nothing(episode: Tracker) -> None:
    """The same event under the same id is answered with the stored one and recorded once."""
    command = ("record", "bed-rest-started", "case-1", "--id", "rest", "--at", "1h ago")
    first = episode.json(*command)
    episode.clock.tick(0)
    second = episode.json(*command)
    assert (first["recorded"], second["recorded"]) == (True, False)
    assert second["event"] == first["event"]


def test_dry_run_records_nothing(episode: Tracker) -> None:
    """A dry run shows what an event would do and leaves the episode alone."""
    before = episode.ok("timeline", "case-1", "--format", "json")
    done = episode.json("record", "blood-patch-performed", "case-1", "--dry-run")
    assert done["stage"]["after"] == "post-patch"
    assert done["dry_run"] is True
    assert done["recorded"] is False
    assert episode.ok("timeline", "case-1", "--format", "json") == before


def test_lists_by_comma_and_by_repetition(episode: Tracker) -> None:
    """Words of a list may be separated by commas or given again; each is kept once."""
    done = episode.json(
        "record", "symptoms-recorded", "case-1", "--present", "nausea,Vomiting",
        "--present", "tinnitus", "--present", "nausea",
    )  # fmt: skip
    assert done["event"]["data"]["present"] == ["nausea", "vomiting", "tinnitus"]


def test_underscores_are_dashes(episode: Tracker) -> None:
    """An option may be written as the field is."""
    done = episode.json("record", "headache-assessed", "case-1", "--severity_nrs", "4")
    assert done["event"]["data"] == {"severity_nrs": 4.0}


def test_yes_and_no_of_a_flag(episode: Tracker) -> None:
    """A flag has a no; left out it is unknown."""
    done = episode.json(
        "record", "imaging-performed", "case-1", "--modality", "mri", "--no-contrast"
    )
    assert done["event"]["data"] == {"modality": "MRI", "contrast": False}


def test_planned_weekday_is_ahead(episode: Tracker) -> None:
    """A weekday for what is planned is the next one."""
    done = episode.json("record", "blood-patch-ordered", "case-1", "--planned-for", "friday 09:00")
    assert done["event"]["data"]["planned_for"] == "2026-03-06T08:00:00Z"


def test_on_behalf_of_stands_beside_the_actor(episode: Tracker) -> None:
    """Who said so is kept beside who typed."""
    done = episode.json("--on-behalf-of", "Dr Berg", "record", "bed-rest-started", "case-1")
    assert (done["event"]["actor"], done["event"]["on_behalf_of"]) == ("anna", "Dr Berg")


def test_late_fact_on_a_closed_episode(episode: Tracker) -> None:
    """A fact from before the closing is recorded, and the answer says the stage stays."""
    episode.ok("record", "episode-closed", "case-1", "--outcome", "other", "--reason", "moved")
    told = episode.ok("record", "wound-examined", "case-1", "--at", "1h ago")
    assert "Recorded wound-examined" in told
    assert "stays closed" in told


def test_new_fact_reopens_a_closed_episode(episode: Tracker) -> None:
    """A fact after the closing puts the episode back, and the answer says so."""
    episode.ok("record", "episode-closed", "case-1", "--outcome", "other", "--reason", "moved")
    episode.clock.tick(3600)
    told = episode.ok("record", "headache-assessed", "case-1", "--posture", "orthostatic")
    assert "Stage: closed -> assessment" in told


def test_corrected_through_record(episode: Tracker) -> None:
    """The topic of corrections takes field=value too, and reads it by the target."""
    done = episode.json(
        "record", "event-corrected", "case-1", "--target", "op", "--changes", "level=L3-L4",
        "--reason", "typo",
    )  # fmt: skip
    assert done["event"]["data"]["changes"] == {"level": "L3-L4"}


@pytest.mark.backends("sqlite")
def test_open_makes_the_directory_and_says_so(tracker: Tracker) -> None:
    """`open` makes the data directory, readable by its owner alone."""
    result = tracker.run("open", "--patient", "MRN1")
    assert result.exit_code == 0
    assert "Created the data directory" in result.stderr
    assert tracker.home.stat().st_mode & 0o777 == 0o700


def test_open_beside_another(episode: Tracker) -> None:
    """With a reason a second episode of a patient is opened."""
    done = episode.json("open", "--patient", "MRN1", "--another", "second operation")
    assert done["event"]["data"]["another_reason"] == "second operation"
    assert done["episode"].startswith("E-")


def test_init_twice(tracker: Tracker) -> None:
    """`init` again changes nothing and is not an error."""
    assert tracker.ok("init") == tracker.ok("init") == f"{tracker.location.name}\n"


def test_configured_defaults(tracker: Tracker) -> None:
    """What is configured is what a new episode gets."""
    tracker.ok("init")
    tracker.ok("config", "--set", "time_zone=Europe/Oslo", "--set", "coordinator=bo")
    tracker.ok("config", "--set", "site=north")
    assert tracker.json("config")["time_zone"] == "Europe/Oslo"
    data = tracker.json("open", "--patient", "MRN1")["event"]["data"]
    assert (data["time_zone"], data["coordinator"], data["site"]) == ("Europe/Oslo", "bo", "north")


def test_follow_up_commands(episode: Tracker) -> None:
    """Acknowledging, snoozing, waiving and assigning are recorded and shown."""
    episode.ok("ack", "case-1", "wound-examination", "--note", "seen on the round")
    episode.ok("snooze", "case-1", "wound-examination", "--until", "+4h")
    episode.ok("waive", "case-1", "conservative-start", "--reason", "goes to the clinic")
    episode.ok("assign", "case-1", "bo")
    shown = episode.json("show", "case-1")
    reminders = {r["kind"]: r for r in shown["reminders"]}
    assert reminders["wound-examination"]["acknowledged_by"] == "anna"
    assert reminders["wound-examination"]["snoozed_until"] == "2026-03-05T13:00:00Z"
    assert reminders["conservative-start"]["status"] == "waived"
    assert shown["coordinator"] == "bo"


def test_the_site_says_how_long_a_snooze_may_be(episode: Tracker) -> None:
    """Its own limit holds in place of a week."""
    (episode.home / "config.toml").write_text("[scheduler]\nlongest_snooze_days = 0.5\n")
    code, told = episode.refused("snooze", "case-1", "wound-examination", "--until", "+24h")
    assert (code, "12h at most" in told) == (4, True)
    episode.ok("snooze", "case-1", "wound-examination", "--until", "+12h")


def test_ndjson_answer_is_one_line(episode: Tracker) -> None:
    """The answer as JSON Lines is one line."""
    told = episode.ok("record", "bed-rest-started", "case-1", "--format", "ndjson")
    assert told.count("\n") == 1
    assert json.loads(told)["stage"]["after"]


def test_what_is_only_planned_is_counted(episode: Tracker) -> None:
    """The answer tells what is owed now or has changed; five ahead are a number."""
    patch = ("record", "blood-patch-performed", "case-1", "--volume-ml", "18", "--dry-run")
    answer = episode.ok(*patch)
    planned = episode.json(*patch)["reminders"]["opened"]
    assert f"Reminders scheduled: {len(planned)} (tracker show E-" in answer
    assert "late-review" not in answer
    assert "conservative-start: overdue -> done-late" in answer


def test_what_is_owed_now_is_told(episode: Tracker) -> None:
    """A reminder that opens at once is told, with its window."""
    answer = episode.ok(
        "record", "conservative-management-started", "case-1", "--measures", "bed-rest"
    )
    assert "Reminder thromboprophylaxis-decision: open, opens" in answer


def test_what_is_not_known_is_said(episode: Tracker) -> None:
    """A drug whose class nobody knows is recorded; the answer says that no rule judges it."""
    drug = ("record", "medication-given", "case-1", "--drug", "Diamox", "--dry-run")
    assert "Note: the class of Diamox is unknown" in episode.ok(*drug)
    assert len(episode.json(*drug)["remarks"]) == 1
    assert episode.json(*drug, "--drug-class", "carbonic-anhydrase-inhibitor")["remarks"] == []
