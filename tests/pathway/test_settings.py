"""Every institutional setting changes what is said of an episode."""

import pytest

from tests.pathway.histories import at, owes, reminder, rules, status
from tests.pathway.leaking import HEADACHE, LEAKING, SURGERY, finding, site
from tracker.pathway import builtin_protocol

BASE = builtin_protocol()
PATCHED = [*LEAKING, *at("2026-02-05 08:00", "blood-patch-performed", id="patch", volume_ml=17)]


def then(events, now, protocol):
    """Return the status by a protocol."""
    return status(events, now, protocol=protocol)


def window(events, kind):
    """Return a question: when a reminder opens and is due, to be asked of a protocol."""

    def ask(protocol):
        found = reminder(then(events, "2026-02-05 09:00", protocol), kind)
        return tuple(f"{t:%m-%d %H:%M}" for t in (found.opens_at, found.due_at))

    return ask


def raised(events, now, rule):
    """Return a question: whether a rule is raised, to be asked of a protocol."""
    return lambda protocol: rule in rules(then(events, now, protocol), active=False)


def early_image(time):
    """Return an MRI without a red flag."""
    return at(time, "imaging-performed", modality="MRI")


def stage(events, now):
    """Return a question: which stage it is, to be asked of a protocol."""
    return lambda protocol: then(events, now, protocol).stage


def confidence(events):
    """Return a question: how confident a suspected rebound is, to be asked of a protocol."""

    def ask(protocol):
        alerts = then(events, "2026-02-09", protocol).alerts
        return next(a.text for a in alerts if a.rule == "rebound-suspected").split("confidence ")[1]

    return lambda protocol: ask(protocol).split(":")[0].strip(" )")


def resting(kind):
    """Return a question: when a reminder about bed rest is due, to be asked of a protocol."""
    return window([*SURGERY, *HEADACHE, *at("2026-02-02 08:00", "bed-rest-started")], kind)


SEVERE = finding("2026-02-02 08:00", posture="orthostatic", severity_nrs=7)
SETTINGS = [
    (
        {"patch_earliest_hours": 24},
        raised(
            [*SURGERY, *at("2026-02-02 14:00", "blood-patch-performed")],
            "2026-02-03",
            "patch-too-early",
        ),
        (True, False),
    ),
    (
        {"patch_decision_hours": 48},
        window(LEAKING, "patch-decision"),
        (("02-04 22:00", "02-04 22:00"), ("02-03 22:00", "02-03 22:00")),
    ),
    (
        {"patch_decision_hours": 48},
        stage(LEAKING, "2026-02-04 00:00"),
        ("conservative", "patch-due"),
    ),
    (
        {"patch_decision_grace_hours": 6},
        window(LEAKING, "patch-decision"),
        (("02-04 22:00", "02-04 22:00"), ("02-04 22:00", "02-05 04:00")),
    ),
    (
        {"patch_decision_grace_hours": 6},
        raised(LEAKING, "2026-02-05 04:00:00", "patch-delayed"),
        (True, False),
    ),
    ({"patch_volume_min_ml": 18}, raised(PATCHED, "2026-02-06", "patch-volume"), (False, True)),
    ({"patch_volume_max_ml": 16}, raised(PATCHED, "2026-02-06", "patch-volume"), (False, True)),
    (
        {"early_review_opens_hours": 12},
        window(PATCHED, "early-review"),
        (("02-06 08:00", "02-07 08:00"), ("02-05 20:00", "02-07 08:00")),
    ),
    (
        {"early_review_due_hours": 72},
        window(PATCHED, "early-review"),
        (("02-06 08:00", "02-07 08:00"), ("02-06 08:00", "02-08 08:00")),
    ),
    (
        {"early_review_due_hours": 72},
        stage(PATCHED, "2026-02-08 00:00"),
        ("follow-up", "post-patch"),
    ),
    (
        {"intermediate_review_opens_days": 7},
        window(PATCHED, "intermediate-review"),
        (("02-15 08:00", "02-19 23:59"), ("02-12 08:00", "02-19 23:59")),
    ),
    (
        {"intermediate_review_due_days": 20},
        window(PATCHED, "intermediate-review"),
        (("02-15 08:00", "02-19 23:59"), ("02-15 08:00", "02-25 23:59")),
    ),
    (
        {"late_review_opens_months": 2},
        window(PATCHED, "late-review"),
        (("05-05 08:00", "08-05 08:00"), ("04-05 08:00", "08-05 08:00")),
    ),
    (
        {"late_review_due_months": 9},
        window(PATCHED, "late-review"),
        (("05-05 08:00", "08-05 08:00"), ("05-05 08:00", "11-05 08:00")),
    ),
    (
        {"restrictions_opens_days": 14},
        window(PATCHED, "activity-restrictions"),
        (("03-05 08:00", "03-19 08:00"), ("02-19 08:00", "03-19 08:00")),
    ),
    (
        {"restrictions_due_days": 56},
        window(PATCHED, "activity-restrictions"),
        (("03-05 08:00", "03-19 08:00"), ("03-05 08:00", "04-02 08:00")),
    ),
    (
        {"restrictions_opens_days": 14},
        raised(
            [*PATCHED, *at("2026-02-25 08:00", "activity-recorded", activity="bending")],
            "2026-02-26",
            "restriction-breach",
        ),
        (True, False),
    ),
    (
        {"observation_min_hours": 4},
        window(PATCHED, "observation-end"),
        (("02-05 10:00", "02-06 08:00"), ("02-05 12:00", "02-06 08:00")),
    ),
    (
        {"observation_min_hours": 4},
        raised(
            [*PATCHED, *at("2026-02-05 11:00", "patient-mobilized")],
            "2026-02-06",
            "observation-too-short",
        ),
        (False, True),
    ),
    (
        {"observation_max_hours": 12},
        window(PATCHED, "observation-end"),
        (("02-05 10:00", "02-06 08:00"), ("02-05 10:00", "02-05 20:00")),
    ),
    (
        {"bed_rest_min_hours": 0},
        raised(
            [
                *at("2026-02-02 08:00", "bed-rest-started"),
                *at("2026-02-02 09:00", "patient-mobilized"),
            ],
            "2026-02-03",
            "upright-too-early",
        ),
        (True, False),
    ),
    (
        {"bed_rest_max_hours": 48},
        resting("bed-rest-review"),
        (("02-05 08:00", "02-05 08:00"), ("02-04 08:00", "02-04 08:00")),
    ),
    (
        {"thromboprophylaxis_due_hours": 6},
        resting("thromboprophylaxis-decision"),
        (("02-02 08:00", "02-03 08:00"), ("02-02 08:00", "02-02 14:00")),
    ),
    (
        {"wound_examination_due_hours": 6},
        window(LEAKING, "wound-examination"),
        (("02-01 20:00", "02-02 20:00"), ("02-01 20:00", "02-02 02:00")),
    ),
    (
        {"severe_pain_nrs": 8},
        raised(
            [*SEVERE, *at("2026-02-02 09:00", "medication-given", drug="morphine")],
            "2026-02-03",
            "opioid-for-non-severe-pain",
        ),
        (False, True),
    ),
    (
        {"fever_c": 38.5},
        raised(
            at("2026-02-02 09:00", "symptoms-recorded", present=["headache"], temperature_c=38.2),
            "2026-02-03",
            "meningitis-suspected",
        ),
        (True, False),
    ),
    (
        {"duplicate_hours": 6},
        raised(
            [*PATCHED, *at("2026-02-05 11:00", "blood-patch-performed")],
            "2026-02-06",
            "possible-duplicate",
        ),
        (False, True),
    ),
    (
        {"failed_patch_hours": 6},
        stage([*PATCHED, *finding("2026-02-05 12:00", posture="orthostatic")], "2026-02-05 15:00"),
        ("post-patch", "persistent"),
    ),
    (
        {"rebound_from_hours": 12},
        confidence([*PATCHED, *finding("2026-02-06 00:00", posture="reverse-orthostatic")]),
        ("low", "moderate"),
    ),
    (
        {"rebound_until_hours": 96},
        confidence([*PATCHED, *finding("2026-02-08 08:00", posture="reverse-orthostatic")]),
        ("low", "moderate"),
    ),
    (
        {"imaging_window_hours": 24},
        raised([*LEAKING, *early_image("2026-02-03 08:00")], "2026-02-04", "routine-imaging-early"),
        (True, False),
    ),
    (
        {"imaging_window_anchor": "'procedure'"},
        raised([*SURGERY, *early_image("2026-02-03 08:00")], "2026-02-04", "routine-imaging-early"),
        (False, True),
    ),
    (
        {"csf_drainage_is_intervention": True},
        lambda protocol: (
            "early-review"
            in owes(
                then(
                    [*LEAKING, *at("2026-02-05 08:00", "csf-drainage-performed")],
                    "2026-02-05 09:00",
                    protocol,
                )
            )
        ),
        (False, True),
    ),
]


@pytest.mark.parametrize(("settings", "ask", "answers"), SETTINGS)
def test_setting(settings, ask, answers):
    """A site that changes the setting alone gets another answer, and the named one."""
    assert (ask(BASE), ask(site(**settings))) == answers


def test_every_setting_is_tried():
    """No setting of the protocol is without effect: all are in the table or held elsewhere."""
    elsewhere = {"early_patch_order", "drug_classes", "escalation"}
    tried = {name for settings, _, _ in SETTINGS for name in settings}
    assert tried | elsewhere == set(BASE.settings.__struct_fields__)
