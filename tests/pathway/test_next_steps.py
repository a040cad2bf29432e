"""Next steps: never empty while there is need, the most pressing first, each with its owner."""

import pytest

from tests.pathway.histories import at, opened, status

START = "2026-02-02 08:00"
LEAK = at(START, "headache-assessed", posture="orthostatic")
MANAGED = at(START, "conservative-management-started")
PATCH = at(START, "blood-patch-performed", id="patch")


def steps(history, now):
    """Return the rules that the next steps come from, in order."""
    return [step.rule for step in status(history, now).next_steps]


def settled(history):
    """Return the history with everything waived that could be a next step."""
    kinds = {r.kind for r in status(history, "2026-02-02 09:00").reminders}
    return history + [
        event
        for kind in sorted(kinds)
        for event in at(
            "2026-02-02 09:00", "reminder-waived", id=kind, reminder=kind, reason="none"
        )
    ]


@pytest.mark.parametrize(
    ("history", "stage"),
    [
        (LEAK + MANAGED, "conservative"),
        (LEAK, "assessment"),
        (LEAK + MANAGED + at("2026-02-02 08:30", "rebound-headache-diagnosed"), "rebound"),
        (at(START, "headache-assessed", posture="orthostatic", trend="improved"), "follow-up"),
        (at(START, "headache-assessed"), "assessment"),
        (at(START, "symptoms-recorded", present=["seizure"]), "assessment"),
    ],
)
def test_with_every_reminder_waived_there_is_still_a_next_step(history, stage):
    """The stage says what the next assessment is, and who owes it."""
    found = status(settled(history), "2026-02-02 10:00")
    assert found.stage == stage
    assert not [r for r in found.reminders if r.live]
    assert any(step.rule == stage and step.text and step.owner for step in found.next_steps)


def test_an_urgent_alert_comes_first():
    """Before whatever else is owed."""
    history = PATCH + at("2026-02-03 09:00", "symptoms-recorded", present=["seizure"])
    assert steps(history, "2026-02-05 08:00")[0] in (
        "neurological-deficit",
        "venous-thrombosis-suspected",
    )


def test_an_unresolved_complication_leaves_a_step():
    """Acknowledged, and not yet resolved: the episode is urgent and says what to do."""
    history = at(START, "complication-diagnosed", complication="meningitis") + at(
        "2026-02-02 09:00", "reminder-acknowledged", reminder="complication-review"
    )
    found = status(history, "2026-02-02 10:00")
    assert found.urgent
    assert found.next_steps[0].rule == "complication-recorded"


def test_what_is_owed_comes_in_order_of_its_due_time():
    """The one that has been due longest is first."""
    rested = LEAK + at(START, "conservative-management-started", measures=["bed-rest"])
    found = steps(rested, "2026-02-03 09:00")
    assert found[:2] == ["thromboprophylaxis-decision", "wound-examination"]


@pytest.mark.stage("patch-due")
def test_the_patch_that_is_due_comes_before_older_chores():
    """The decision and its due time are said once, by the stage."""
    found = status(LEAK + MANAGED, "2026-02-05 09:00").next_steps
    assert [step.rule for step in found][:2] == ["patch-due", "wound-examination"]
    assert str(found[0].due_at) == "2026-02-05 08:00:00+00:00"


@pytest.mark.stage("rebound")
def test_rebound_says_first_what_not_to_do():
    """No further patch, before whatever else is owed."""
    history = PATCH + at("2026-02-03 09:00", "rebound-headache-diagnosed")
    assert "no further patch" in status(history, "2026-02-05 08:00").next_steps[0].text


@pytest.mark.parametrize(
    ("topic", "words", "said"),
    [
        ("blood-patch-ordered", {"planned_for": "2026-02-05T17:00:00Z"}, "ordered for 2026-02-05"),
        ("blood-patch-declined", {}, "asked again if the headache stays"),
        ("blood-patch-deferred", {"planned_for": "2026-02-06T09:00:00Z"}, "asked again 2026-02-06"),
    ],
)
def test_what_was_decided_on_the_patch_is_said(topic, words, said):
    """Whoever reads the next step sees that somebody has decided."""
    history = LEAK + MANAGED + at("2026-02-05 09:00", topic, **words)
    assert said in status(history, "2026-02-05 10:00").next_steps[0].text


def test_what_was_seen_or_snoozed_says_so():
    """An acknowledgement and a snooze are read with the step."""
    history = LEAK + at(
        "2026-02-02 09:00", "reminder-acknowledged", reminder="wound-examination", actor="anna"
    )
    history += at(
        "2026-02-02 09:30",
        "reminder-snoozed",
        reminder="wound-examination",
        until="2026-02-02T20:00:00Z",
    )
    texts = [step.text for step in status(history, "2026-02-02 10:00").next_steps]
    assert any("(seen by anna; snoozed until 2026-02-02 20:00Z)" in text for text in texts)


def test_the_patch_decision_is_announced():
    """Before it opens, whoever reads the next steps knows its hour."""
    texts = [step.text for step in status(LEAK + MANAGED, "2026-02-03 10:00").next_steps]
    assert "From 2026-02-05 08:00Z: Decide on an epidural blood patch" in texts


def test_what_opens_next_is_announced():
    """Somebody expects the early review before it opens."""
    found = status(PATCH, "2026-02-02 10:30").next_steps[-1]
    assert found.rule == "early-review"
    assert "2026-02-03 08:00" in found.text


@pytest.mark.rule("patch-too-early")
def test_an_embargo_beyond_the_decision_is_said_while_it_runs():
    """No patch before 48 h after the breach, although the decision is due."""
    history = LEAK + MANAGED + at("2026-02-04 20:00", "dural-puncture-recorded")
    assert "patch-too-early" in steps(history, "2026-02-06 19:59:59")
    assert "patch-too-early" not in steps(history, "2026-02-06 20:00:00")


def test_the_coordinator_is_named_where_one_is_known():
    """Who owes the review, by name."""
    history = opened("UTC") + at("2026-02-01", "episode-assigned", to="bea") + PATCH
    early = [s for s in status(history, "2026-02-03 09:00").next_steps if s.rule == "early-review"]
    assert [step.owner for step in early] == ["care coordinator (bea)"]


def test_every_step_names_its_source():
    """A line of the guideline with its citation."""
    found = status(LEAK + MANAGED + PATCH, "2026-02-05 08:00").next_steps
    assert found
    assert all(step.source.startswith("L") for step in found)


def test_after_a_death_there_is_no_step():
    """Nothing more is to be done."""
    assert steps(LEAK + at("2026-02-03 08:00", "patient-died"), "2026-02-04 08:00") == []
