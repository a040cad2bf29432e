"""Why something stands, and why something does not: every rule, reminder and stage."""

import msgspec
import pytest

from tests.pathway.alerting import PATCHED, RAISED, UNREMARKABLE, WELL
from tests.pathway.histories import at, opened, rules, status, timeline_of, when
from tests.pathway.leaking import HEADACHE, LEAKING, PATCHES, SURGERY, site
from tests.pathway.owing import issue as issue_at
from tracker.errors import NotFoundError
from tracker.pathway import builtin_protocol
from tracker.pathway.explain import explain, rule_ids

BASE = builtin_protocol()
NOW = "2026-02-09 08:00"


def told(events, topic=None, now=NOW, protocol=BASE):
    """Return what is explained of a topic."""
    return explain(timeline_of(events), protocol, when(now), topic)


def first(events, topic, now=NOW):
    """Return the first thing explained of a topic, in one text."""
    part = told(events, topic, now)[0]
    return "\n".join([part.title, *part.lines])


def issue(time, phase, reminder="early-review:patch", topic="reminder-issued"):
    """Return an issue of a scheduler; a skip gives its reason."""
    (made,) = issue_at(time, phase, reminder, topic)
    reason = "of no use" if topic == "reminder-skipped" else None
    return [msgspec.structs.replace(made, data=msgspec.structs.replace(made.data, reason=reason))]


def marked(rule):
    """Return a parameter that is marked with its rule."""
    return pytest.param(rule, marks=pytest.mark.rule(rule))


RULES = [marked(rule) for rule in sorted(RAISED)]


def test_every_rule_is_in_the_table():
    """The histories above raise every rule that has a check."""
    assert sorted(RAISED) == rule_ids()


@pytest.mark.parametrize("rule", RULES)
def test_raised(rule):
    """A raised rule is explained by its text, severity, source and the events it rests on."""
    alert = next(a for a in status(RAISED[rule], NOW).alerts if a.rule == rule)
    assert alert.active
    part = told(RAISED[rule], rule)[0]
    assert (part.title, part.sources) == (f"{rule} is raised", [BASE.rules[rule].source])
    assert alert.severity in part.lines[0]
    assert all(
        any(line.startswith(f"rests on {i}: ") for line in part.lines) for i in _facts(alert)
    )


def _facts(alert):
    """Return the events an alert rests on; a missed review rests on a reminder, too."""
    return [i for i in alert.because if not i.startswith("early-review:")]


QUIET = [
    pytest.param(rule, events, marks=pytest.mark.rule(rule))
    for events in ([], opened("UTC"), LEAKING, UNREMARKABLE)
    for rule in sorted(RAISED)
    if rule not in rules(status(events, "2026-02-03 08:00"), active=False)
]


@pytest.mark.parametrize(("rule", "events"), QUIET)
def test_not_raised(rule, events):
    """A rule that was not raised says why, and when it would be."""
    part = told(events, rule, "2026-02-03 08:00")[0]
    assert part.title.startswith(f"{rule} is not raised because ")
    assert len(part.title) > len(f"{rule} is not raised because ") + 5
    assert part.lines[0] == f"it is raised when: {BASE.rules[rule].when}"
    assert part.sources == [BASE.rules[rule].source]


REASONS = {
    "patch-too-early": "act: 96 h after the dural breach op",
    "patch-before-conservative-trial": "act: 82 h of conservative management since c",
    "patch-during-rebound": "act: leak state was resolved",
    "pattern-unknown-before-patch": "act: leak state was resolved",
    "pattern-unknown-before-drug": "drug: acetazolamide, leak state was resolved",
    "csf-lowering-drug-in-active-leak": "drug: acetazolamide, leak state was resolved",
    "bp-lowering-drug-in-active-leak": "bp: labetalol, leak state was resolved",
    "opioid-for-non-severe-pain": "opioid: no severity was recorded before it",
    "routine-imaging-early": "mri: a red flag: indication leak-localization",
    "imaging-before-patch": "mri: a red flag: indication leak-localization",
    "advanced-imaging-before-referral": "mri: modality not recorded",
    "myelography-position": "mri: no myelography, or its position is not recorded",
    "patch-volume": "act: 18 mL; 15-20 mL is advised",
    "patch-level": "act: L4-L5 is at the operated level or one below",
    "repeat-patch-unguided": "act: it is the first patch",
    "injection-not-stopped": "act: pain mild, stopped: no",
    "observation-too-short": "up: 24 h after the patch act",
    "embolization-target": "coil: target csf-venous-fistula",
    "repair-before-patch": "repair: act was tried first",
    "targeted-without-site": "aimed: the site is known",
    "neurological-deficit": "calm: names none of",
    "subdural-suspected": "calm: neither a worsening headache nor a focal deficit",
    "meningitis-suspected": "calm: needs fever with headache, stiffness or confusion",
    "wound-complication-suspected": "wound: no sign at the wound",
    "restriction-breach": "nothing to judge: none of activity-recorded",
    "complication-recorded": "nothing to judge: none of complication-diagnosed",
    "rebound-suspected": "the leak state is unknown, not rebound",
    "patch-delayed": "a patch was done (aimed)",
    "closed-with-open-follow-up": "the episode is not closed",
    "follow-up-overdue": "early-review: scheduled",
}


@pytest.mark.parametrize("rule", [marked(rule) for rule in sorted(REASONS)])
def test_reason(rule):
    """The reason is that of the case at hand: the act, and what it was judged by."""
    assert REASONS[rule] in first(UNREMARKABLE, rule, "2026-02-07 08:00")


def test_what_is_there_is_not_said_to_be_absent():
    """A surgery alone is nothing that the rule judges, and it is on record."""
    told = first(SURGERY, "patch-too-early", "2026-02-07 08:00")
    assert "nothing to judge: surgery-performed alone, none of aspiration-performed," in told
    assert "csf-drainage-performed, dural-puncture-recorded, surgical-repair-performed" in told
    before = first(SURGERY, "patch-too-early", "2025-01-01 08:00")
    assert "none of" in before
    assert "alone" not in before


@pytest.mark.rule("patch-delayed")
@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (LEAKING, "not before 2026-02-04 22:00"),
        ([*SURGERY, *HEADACHE], "the start of conservative management is unknown"),
        (
            [*LEAKING, *at("2026-02-02 08:00", "blood-patch-declined", id="no")],
            "refused (no) until the next orthostatic finding",
        ),
        ([*LEAKING, *at("2026-02-02 08:00", "patient-died")], "the patient died"),
        (WELL, "the leak state is resolved, not active"),
    ],
)
def test_patch_delayed_is_not_raised_because(events, reason):
    """What holds the most asked of all rules is said."""
    assert reason in first(events, "patch-delayed", "2026-02-03 08:00")


@pytest.mark.rule("patch-volume")
def test_no_longer_raised():
    """An alert that has ended is explained with when, and with who acknowledged it."""
    ack = at("2026-02-06 08:00", "alert-acknowledged", alert="patch-volume", actor="ben")
    parts = told([*RAISED["patch-volume"], *ack], "patch-volume")
    assert [p.title for p in parts][1] == "patch-volume is no longer raised"
    assert "ended 2026-02-06 08:00Z" in parts[1].lines[0]
    assert "acknowledged by ben" in parts[1].lines


def test_alert_by_its_id():
    """A single alert is explained by its id."""
    (part,) = told(RAISED["patch-volume"], "patch-volume:act")
    assert part.title == "patch-volume is raised"


@pytest.mark.parametrize("kind", sorted(BASE.reminders))
@pytest.mark.parametrize("events", [[], LEAKING, PATCHED, RAISED["neurological-deficit"]])
def test_reminder(kind, events):
    """A reminder that is owed tells its window; one that is not says so and what would open it."""
    owed = [r for r in status(events, NOW).reminders if r.kind == kind and r.live]
    part = told(events, kind)[0]
    assert part.sources == [BASE.reminders[kind].source]
    if owed:
        assert part.title == f"{kind} is {owed[0].status}"
        assert any(line.startswith("opens: ") for line in part.lines)
    else:
        assert part.title == f"{kind} is not owed"
        assert part.lines[0].startswith("it opens: ")


def test_reminder_by_its_id():
    """A reminder that is settled is explained by its id, with what settled it."""
    review = at("2026-02-06 09:00", "review-completed", id="seen", review="early")
    (part,) = told([*PATCHED, *review], "early-review:patch")
    assert part.title == "early-review is done"
    assert any("by seen: review-completed" in line for line in part.lines)


@pytest.mark.reminder("early-review")
def test_too_early_review_is_shown():
    """A review before the opening settles nothing and is shown as such."""
    review = at("2026-02-05 09:00", "review-completed", id="seen", review="early")
    parts = told([*PATCHED, *review], "early-review")
    assert any("seen came before the opening" in line for p in parts for line in p.lines)


def test_what_was_issued_is_told_with_when_and_at_which_level():
    """Whether somebody was reminded, and of a skip why not."""
    history = [
        *PATCHED,
        *issue("2026-02-06 08:00", "open", topic="reminder-skipped"),
        *issue("2026-02-07 09:00", "overdue"),
        *issue("2026-02-08 09:00", "escalated-1"),
    ]
    lines = told(history, "early-review")[0].lines
    assert "open skipped on record at 2026-02-06 08:00Z: of no use" in lines
    assert "overdue issued at 2026-02-07 09:00Z" in lines
    assert "escalated-1 issued at 2026-02-08 09:00Z" in lines


def test_what_stood_and_was_withdrawn_is_told():
    """The ground was voided: it has not come about, but people were told of it."""
    history = [
        *LEAKING,
        *issue("2026-02-02 09:00", "open", "conservative-start:gone"),
        *issue("2026-02-03 09:00", "withdrawn", "conservative-start:gone", "reminder-skipped"),
    ]
    part = told(history, "conservative-start")[0]
    assert part.title == "conservative-start is not owed"
    stood = "conservative-start:gone stood, and its ground was corrected or voided"
    assert stood in part.lines
    assert "conservative-start:gone: open issued at 2026-02-02 09:00Z" in part.lines
    assert any(line.startswith("conservative-start:gone: withdrawn at") for line in part.lines)


@pytest.mark.parametrize("stage", sorted(BASE.stages))
def test_stage(stage):
    """Asked for any stage, it tells which it is, why, and on which clocks."""
    text = first(LEAKING, stage)
    assert "the stage is patch-due: Blood patch due" in text
    assert ("the stage is not" in text) is (stage != "patch-due")
    assert "conservative management (C): c: conservative-management-started" in text
    assert "dural breach (D): op: surgery-performed" in text


def test_inferred_clock_is_marked():
    """A start of conservative management that was inferred is marked so."""
    rest = at("2026-02-02 08:00", "bed-rest-started", id="rest")
    assert "rest: bed-rest-started, 2026-02-02 08:00Z, inferred" in first(
        [*HEADACHE, *rest], "stage"
    )


def test_everything_that_stands():
    """Without a topic all that stands is explained: stage, active alerts, what is owed."""
    now = status(PATCHED, NOW)
    titles = [p.title for p in told(PATCHED)]
    assert titles[0] == f"stage {now.stage}"
    assert sum(t.endswith(" is raised") for t in titles) == sum(a.active for a in now.alerts)
    assert sum(t.startswith("early-review is") for t in titles) == 1


def test_unknown_topic():
    """What is neither rule nor reminder nor alert names what is near."""
    with pytest.raises(NotFoundError) as caught:
        told(LEAKING, "patch-delay")
    assert "patch-delayed" in (caught.value.hint or "")


def test_in_the_words_of_the_site():
    """An explanation is in the words and numbers of the version that judges the episode."""
    protocol = site(patch_decision_hours=96)
    part = told(LEAKING, "patch-delayed", "2026-02-05 08:00", protocol)[0]
    assert "more than 96 h" in part.lines[0]
    assert "not before 2026-02-05 22:00" in part.title


@pytest.mark.parametrize("topic", [None, "stage", "patch-too-early", "early-review"])
def test_explaining_changes_nothing(topic):
    """Asking why gives the status no other answer."""
    before = status(PATCHED, NOW)
    told(PATCHED, topic)
    assert status(PATCHED, NOW) == before


@pytest.mark.rule("patch-too-early")
@pytest.mark.parametrize(("topic", "fields"), PATCHES)
def test_without_a_breach(topic, fields):
    """Where the clock is unknown the explanation says that it cannot be judged."""
    act = at("2026-02-02 08:00", topic, id="act", **fields)
    assert "act: no dural breach is known, so it cannot be judged" in first(act, "patch-too-early")
