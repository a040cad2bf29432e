"""Stages, the first that fits from the top, and the flag urgent over any of them."""

import pytest

from tests.pathway.histories import SECOND, at, correct, rules, status, void, when

SURGERY = at("2026-02-01 08:00", "surgery-performed", id="op")
HEADACHE = at("2026-02-02 08:00", "headache-assessed", id="h", posture="orthostatic")
START = at("2026-02-02 10:00", "conservative-management-started", id="c")
LEAKING = [*SURGERY, *HEADACHE, *START]
PATCH = at("2026-02-06 08:00", "blood-patch-performed", id="patch", guidance="ct")
PATCHED = [*LEAKING, *PATCH]
AGAIN = at("2026-02-06 20:00", "headache-assessed", id="again", posture="orthostatic")
DEFICIT = at("2026-02-02 12:00", "symptoms-recorded", id="d", present=["neurological-deficit"])
WELL = at("2026-02-02 20:00", "symptoms-recorded", id="w", absent=["neurological-deficit"])
ACK = at("2026-02-02 16:00", "alert-acknowledged", alert="neurological-deficit")
ACKS = [*ACK, *at("2026-02-02 16:00", "alert-acknowledged", id="a2", alert="subdural-suspected")]
ACKS += at("2026-02-02 16:00", "alert-acknowledged", id="a3", alert="venous-thrombosis-suspected")


def stage(events, now):
    """Return the stage at an instant."""
    return status(events, now).stage


def urgent(events, now):
    """Return whether the episode is urgent at an instant."""
    return status(events, now).urgent


def finding(time, **fields):
    """Return a headache assessment."""
    return at(time, "headache-assessed", **fields)


@pytest.mark.stage("at-risk")
def test_only_the_episode():
    """With nothing but an episode the patient is at risk."""
    opening = at("2026-02-01 08:00", "episode-opened", time_zone="UTC")
    assert stage(opening, "2026-02-01 09:00") == "at-risk"


@pytest.mark.stage("at-risk")
def test_breach_alone():
    """With a dural breach and no suspicion the patient is at risk."""
    assert stage(SURGERY, "2026-02-02 08:00") == "at-risk"


@pytest.mark.stage("assessment")
@pytest.mark.parametrize(
    "events",
    [
        at("2026-02-02 08:00", "leak-suspected"),
        HEADACHE,
        [*finding("2026-02-02 08:00"), *START],
        [*finding("2026-02-02 08:00", posture="non-positional"), *START],
        [*at("2026-02-02 08:00", "wound-examined", drainage="clear"), *START],
    ],
)
def test_assessment(events):
    """A leak is suspected, and the pattern is not determined or C is unknown."""
    assert stage([*SURGERY, *events], "2026-02-02 12:00") == "assessment"


@pytest.mark.stage("assessment")
def test_assessment_after_a_remission():
    """A headache that returns after a remission makes C unknown: assessment again."""
    line = [*LEAKING, *finding("2026-02-03 08:00", posture="none")]
    line += finding("2026-02-09 08:00", posture="orthostatic")
    assert stage(line, "2026-02-09 09:00") == "assessment"


@pytest.mark.stage("conservative")
def test_conservative_until_72_hours():
    """An active leak before C + 72 h is under conservative management, to the second."""
    assert stage(LEAKING, "2026-02-02 10:00:00") == "conservative"
    assert stage(LEAKING, "2026-02-05 09:59:59") == "conservative"


@pytest.mark.stage("patch-due")
def test_patch_due_from_72_hours():
    """At C + 72 h the patch is due, and stays so."""
    assert stage(LEAKING, "2026-02-05 10:00:00") == "patch-due"
    assert stage(LEAKING, "2026-03-05 10:00:00") == "patch-due"


@pytest.mark.stage("patch-due")
@pytest.mark.parametrize(
    "events",
    [
        at("2026-02-05 12:00", "blood-patch-declined"),
        at("2026-02-05 12:00", "blood-patch-deferred", planned_for="2026-02-09T08:00:00Z"),
        at("2026-02-05 12:00", "dural-puncture-recorded"),
        at("2026-02-05 12:00", "blood-patch-ordered"),
    ],
)
def test_patch_due_although(events):
    """It stays patch-due while declined, deferred, ordered, or under D's embargo."""
    assert stage([*LEAKING, *events], "2026-02-05 13:00") == "patch-due"


@pytest.mark.stage("follow-up")
@pytest.mark.parametrize(
    "fields", [{"posture": "none"}, {"posture": "orthostatic", "trend": "improved"}]
)
def test_follow_up_without_intervention(fields):
    """Resolved or improved without an intervention is followed up, also after C + 72 h."""
    line = [*LEAKING, *finding("2026-02-03 08:00", **fields)]
    assert stage(line, "2026-02-03 09:00") == "follow-up"
    assert stage(line, "2026-02-09 09:00") == "follow-up"


@pytest.mark.stage("post-patch")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [("blood-patch-performed", {}), ("aspiration-performed", {"with_patch": True})],
)
def test_post_patch(topic, fields):
    """From a blood patch or an aspiration with patch until I + 48 h has passed."""
    line = [*LEAKING, *at("2026-02-06 08:00", topic, **fields)]
    assert stage(line, "2026-02-06 08:00:00") == "post-patch"
    assert stage(line, "2026-02-08 08:00:00") == "post-patch"
    assert stage(line, "2026-02-08 08:00:01") == "follow-up"


@pytest.mark.stage("post-patch")
def test_aspiration_without_patch_changes_no_stage():
    """An aspiration without a patch is no intervention."""
    line = [*LEAKING, *at("2026-02-06 08:00", "aspiration-performed", with_patch=False)]
    assert stage(line, "2026-02-06 09:00") == "patch-due"


@pytest.mark.stage("post-intervention")
@pytest.mark.parametrize(
    "topic", ["targeted-patch-performed", "embolization-performed", "surgical-repair-performed"]
)
def test_post_intervention(topic):
    """The same after a targeted patch, an embolization or a repair."""
    line = [*LEAKING, *at("2026-02-06 08:00", topic)]
    assert stage(line, "2026-02-06 08:00:00") == "post-intervention"
    assert stage(line, "2026-02-08 08:00:00") == "post-intervention"
    assert stage(line, "2026-02-08 08:00:01") == "follow-up"


@pytest.mark.stage("post-patch")
def test_early_review_ends_post_patch():
    """The early review ends the stage, but not one before its window opened."""
    early = at("2026-02-07 07:59:59", "review-completed", review="early", outcome="improved")
    done = at("2026-02-07 08:00:00", "review-completed", review="early", outcome="improved")
    assert stage([*PATCHED, *early], "2026-02-07 09:00") == "post-patch"
    assert stage([*PATCHED, *done], "2026-02-07 09:00") == "follow-up"


@pytest.mark.stage("post-patch")
def test_resolved_after_a_patch_is_still_watched():
    """A headache that is gone after the patch leaves the stage as it is until the review."""
    line = [*PATCHED, *finding("2026-02-06 20:00", posture="none")]
    assert stage(line, "2026-02-07 20:00") == "post-patch"


@pytest.mark.stage("persistent")
def test_persistent_from_24_hours():
    """An active leak at 24 h after the first intervention is persistent, to the second."""
    assert stage([*PATCHED, *AGAIN], "2026-02-07 07:59:59") == "post-patch"
    assert stage([*PATCHED, *AGAIN], "2026-02-07 08:00:00") == "persistent"


@pytest.mark.stage("persistent")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"posture": "orthostatic"}, "persistent"),
        ({}, "persistent"),
        ({"posture": "non-positional"}, "persistent"),
        ({"posture": "orthostatic", "trend": "improved"}, "post-patch"),
        ({"posture": "none"}, "post-patch"),
        ({"posture": "reverse-orthostatic"}, "rebound"),
    ],
)
def test_persistent_rests_on_the_latest_finding(fields, expected):
    """Active, or unknown with headache, is persistent; improved, resolved and rebound are not."""
    line = [*PATCHED, *finding("2026-02-06 20:00", **fields)]
    assert stage(line, "2026-02-07 20:00") == expected


@pytest.mark.stage("persistent")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("review-completed", {"review": "early", "outcome": "persistent"}),
        ("review-completed", {"review": "early", "outcome": "worse"}),
        ("treatment-outcome-recorded", {"outcome": "none"}),
    ],
)
def test_bad_outcome_is_persistent(topic, fields):
    """An outcome persistent, worse or none after 24 h is persistent."""
    line = [*PATCHED, *at("2026-02-07 09:00", topic, **fields)]
    assert stage(line, "2026-02-07 10:00") == "persistent"


@pytest.mark.stage("persistent")
def test_findings_before_the_intervention_do_not_count():
    """Without a finding since the intervention nothing is persistent."""
    assert stage(PATCHED, "2026-02-07 20:00") == "post-patch"


@pytest.mark.stage("persistent")
def test_persistent_late():
    """An active leak long after the first intervention is persistent, too."""
    line = [*PATCHED, *finding("2026-03-06 20:00", posture="orthostatic")]
    assert stage(line, "2026-03-06 21:00") == "persistent"


@pytest.mark.stage("referral")
@pytest.mark.parametrize(
    ("topic", "guided"),
    [("blood-patch-performed", {"guidance": "ct"}), ("embolization-performed", {})],
)
def test_referral(topic, guided):
    """The same after the second intervention, of whatever kind, is referral."""
    line = [*PATCHED, *AGAIN, *at("2026-02-08 08:00", topic, id="second", **guided)]
    line += finding("2026-02-08 20:00", posture="orthostatic")
    assert stage(line, "2026-02-09 07:59:59").startswith("post-")
    assert stage(line, "2026-02-09 08:00:00") == "referral"


@pytest.mark.stage("rebound")
def test_rebound_over_what_follows_an_intervention():
    """Rebound comes before referral, persistent and post-patch."""
    line = [*PATCHED, *finding("2026-02-06 20:00", posture="reverse-orthostatic")]
    assert stage(line, "2026-02-06 21:00") == "rebound"
    assert stage(line, "2026-02-09 21:00") == "rebound"


@pytest.mark.stage("rebound")
def test_rebound_without_a_patch():
    """Rebound needs no patch (A9)."""
    line = [*LEAKING, *at("2026-02-03 08:00", "rebound-headache-diagnosed")]
    assert stage(line, "2026-02-03 09:00") == "rebound"


@pytest.mark.stage("transferred")
def test_transferred_until_readmitted():
    """Transferred until readmitted; clinical facts from elsewhere do not end it."""
    gone = [*PATCHED, *at("2026-02-07 08:00", "patient-transferred")]
    news = finding("2026-02-07 20:00", posture="reverse-orthostatic")
    back = at("2026-02-08 07:00", "patient-readmitted")
    assert stage([*gone, *news], "2026-02-07 21:00") == "transferred"
    assert stage([*gone, *news, *back], "2026-02-08 08:00") == "rebound"


CLINICAL = [
    ("headache-assessed", {}),
    ("wound-examined", {}),
    ("complication-resolved", {"complication": "other"}),
    ("review-completed", {"review": "late"}),
    ("surgery-performed", {}),
    ("blood-patch-performed", {}),
    ("imaging-performed", {}),
    ("other-procedure-performed", {}),
    ("medication-given", {"drug": "x"}),
    ("medication-started", {"drug": "x"}),
    ("patient-readmitted", {}),
]
NOT_CLINICAL = [
    ("contact-failed", {}),
    ("episode-assigned", {"to": "ben"}),
    ("blood-patch-ordered", {}),
    ("specialist-referral-made", {}),
    ("activity-recorded", {"activity": "bending"}),
    ("reminder-acknowledged", {"reminder": "late-review"}),
]
AWAY = [
    pytest.param("lost-to-follow-up", {}, "lost", id="lost", marks=pytest.mark.stage("lost")),
    pytest.param(
        "episode-closed", {"reason": "r"}, "closed", id="closed", marks=pytest.mark.stage("closed")
    ),
]


@pytest.mark.parametrize(("end", "words", "name"), AWAY)
@pytest.mark.parametrize(("topic", "fields"), CLINICAL)
def test_back_by_a_clinical_fact(end, words, name, topic, fields):
    """A finding, procedure, drug or readmission after a loss or closing brings the episode back."""
    line = [*PATCHED, *at("2026-02-20 08:00", end, **words)]
    back = at("2026-02-20 08:00:01", topic, id="back", **fields)
    assert stage(line, "2026-02-20 09:00") == name
    assert stage([*line, *back], "2026-02-20 09:00") not in ("lost", "closed")


@pytest.mark.parametrize(("end", "words", "name"), AWAY)
@pytest.mark.parametrize(("topic", "fields"), NOT_CLINICAL)
def test_not_back_by_paperwork(end, words, name, topic, fields):
    """What is not clinical leaves a lost or closed episode as it is."""
    line = [*PATCHED, *at("2026-02-20 08:00", end, **words)]
    assert stage([*line, *at("2026-02-21 08:00", topic, **fields)], "2026-02-22 09:00") == name


@pytest.mark.parametrize(("end", "words", "name"), AWAY)
def test_not_back_by_what_was_before(end, words, name):
    """A clinical fact that occurred before does not bring it back, however late it is recorded."""
    line = [*PATCHED, *at("2026-02-20 08:00", end, **words)]
    late = finding("2026-02-20 07:00", posture="orthostatic", recorded="2026-03-01 08:00")
    same = at("2026-02-20 08:00", "symptoms-recorded", present=["nausea"])
    assert stage([*line, *late, *same], "2026-03-02 08:00") == name


@pytest.mark.stage("closed")
def test_reopened():
    """Reopening a closed episode puts it back in its clinical stage."""
    line = [*PATCHED, *at("2026-02-20 08:00", "episode-closed", reason="r")]
    assert (
        stage([*line, *at("2026-02-21 08:00", "episode-reopened")], "2026-02-22 08:00")
        == "follow-up"
    )


@pytest.mark.stage("closed")
@pytest.mark.parametrize(
    ("topic", "fields"), [("patient-died", {}), ("episode-closed", {"outcome": "died"})]
)
def test_death_is_final(topic, fields):
    """Nothing that is recorded after a death puts the episode back."""
    line = [*PATCHED, *at("2026-02-20 08:00", topic, **fields)]
    later = finding("2026-02-21 08:00", posture="orthostatic")
    assert stage([*line, *later], "2026-02-22 08:00") == "closed"


@pytest.mark.stage("closed")
def test_order_of_closed_lost_transferred():
    """Closed comes before lost, lost before transferred."""
    moved = at("2026-02-20 08:00", "patient-transferred")
    lost = at("2026-02-21 08:00", "lost-to-follow-up")
    shut = at("2026-02-22 08:00", "episode-closed", reason="r")
    assert stage([*PATCHED, *moved, *lost], "2026-02-21 09:00") == "lost"
    assert stage([*PATCHED, *moved, *lost, *shut], "2026-02-22 09:00") == "closed"


@pytest.mark.stage("patch-due")
def test_voided_patch_restores_the_stage():
    """Voiding the patch restores the former stage."""
    assert stage([*PATCHED, *void("2026-02-06 12:00", "patch")], "2026-02-06 13:00") == "patch-due"


@pytest.mark.stage("conservative")
def test_corrected_start_moves_the_stage():
    """Correcting the start of conservative management moves C and with it the stage."""
    fixed = correct("2026-02-05 11:00", "c", occurred_at="2026-02-02T12:00:00Z")
    assert stage([*LEAKING, *fixed], "2026-02-05 11:30") == "conservative"


@pytest.mark.parametrize("posture", ["orthostatic", "reverse-orthostatic", "none"])
def test_urgent_is_a_flag_over_any_stage(posture):
    """A deficit makes any stage urgent and leaves it as it is."""
    line = [*LEAKING, *finding("2026-02-02 11:00", posture=posture)]
    assert stage([*line, *DEFICIT], "2026-02-02 13:00") == stage(line, "2026-02-02 13:00")
    assert urgent([*line, *DEFICIT], "2026-02-02 13:00")
    assert not urgent(line, "2026-02-02 13:00")


@pytest.mark.rule("neurological-deficit")
def test_urgent_until_acknowledged_and_gone():
    """An urgent alert needs both to end: acknowledged, and its ground gone."""
    assert urgent([*LEAKING, *DEFICIT, *ACKS], "2026-02-03 08:00")
    assert urgent([*LEAKING, *DEFICIT, *WELL], "2026-02-03 08:00")
    assert not urgent([*LEAKING, *DEFICIT, *ACKS, *WELL], "2026-02-03 08:00")
    assert urgent([*LEAKING, *DEFICIT, *ACKS, *WELL], when("2026-02-02 20:00") - SECOND)


@pytest.mark.rule("neurological-deficit")
def test_acknowledged_after_its_ground_is_gone():
    """The order of the two does not matter."""
    late = [
        *at("2026-02-03 09:00", "alert-acknowledged", id="1", alert="neurological-deficit"),
        *at("2026-02-03 09:00", "alert-acknowledged", id="2", alert="subdural-suspected"),
        *at("2026-02-03 09:00", "alert-acknowledged", id="3", alert="venous-thrombosis-suspected"),
    ]
    assert urgent([*LEAKING, *DEFICIT, *WELL], "2026-02-03 08:59:59")
    assert not urgent([*LEAKING, *DEFICIT, *WELL, *late], "2026-02-03 09:00")


def test_improved_sign_is_still_present():
    """A sign named improved is not gone."""
    better = at("2026-02-02 20:00", "symptoms-recorded", improved=["neurological-deficit"])
    assert urgent([*LEAKING, *DEFICIT, *ACKS, *better], "2026-02-03 08:00")


@pytest.mark.rule("complication-recorded")
def test_unresolved_complication_is_urgent():
    """A complication is urgent until it is resolved, acknowledged or not."""
    line = at("2026-02-02 12:00", "complication-diagnosed", complication="meningitis")
    ack = at("2026-02-02 13:00", "alert-acknowledged", alert="complication-recorded")
    over = at("2026-02-09 12:00", "complication-resolved", complication="meningitis")
    assert urgent([*LEAKING, *line, *ack], "2026-02-08 08:00")
    assert urgent([*LEAKING, *line, *over], "2026-02-10 08:00")
    assert not urgent([*LEAKING, *line, *ack, *over], "2026-02-10 08:00")


URGENT = {
    "symptom": DEFICIT,
    "complication": at("2026-02-02 12:00", "complication-diagnosed", complication="other"),
    "wound": at("2026-02-02 12:00", "wound-examined", infection="yes"),
    "worsening": finding("2026-02-02 12:00", posture="orthostatic", trend="worsening"),
    "patch in rebound": [
        *finding("2026-02-02 12:00", posture="reverse-orthostatic"),
        *at("2026-02-02 13:00", "blood-patch-performed"),
    ],
}


@pytest.mark.parametrize("ground", URGENT)
def test_death_ends_urgency(ground):
    """Death ends urgent alerts of every kind, and the urgency of a complication."""
    line = [*LEAKING, *URGENT[ground]]
    dead = status([*line, *at("2026-02-03 08:00", "patient-died")], "2026-02-04 08:00")
    assert urgent(line, "2026-02-04 08:00")
    assert not dead.urgent
    assert not [a for a in dead.alerts if a.active and a.severity == "urgent"]


@pytest.mark.parametrize("ground", URGENT)
def test_no_urgency_after_death(ground):
    """What is found after the death is recorded and not urgent."""
    dead = at("2026-02-02 11:00", "patient-died")
    now = status([*LEAKING, *dead, *URGENT[ground]], "2026-02-04 08:00")
    assert not now.urgent
    assert not [a for a in now.alerts if a.active and a.severity == "urgent"]


@pytest.mark.parametrize("ground", ["rebound", "drug", "wound"])
def test_states_end_with_death(ground):
    """Alerts about a state end with the death and are not raised again."""
    states = {
        "rebound": finding("2026-02-02 12:00", posture="reverse-orthostatic"),
        "drug": at("2026-02-02 12:00", "medication-started", drug="acetazolamide"),
        "wound": at("2026-02-02 12:00", "wound-examined", erythema="yes"),
    }
    line = [*LEAKING, *states[ground]]
    assert rules(status(line, "2026-02-02 13:00"))
    assert not rules(status([*line, *at("2026-02-02 14:00", "patient-died")], "2026-02-03 08:00"))


@pytest.mark.parametrize("now", ["2026-02-02 11:00", "2026-02-05 10:00", "2026-02-06 09:00"])
def test_stage_depends_on_nothing_else(now):
    """Asking again, or with the events in another order of arrival, gives the same answer."""
    assert stage(PATCHED, now) == stage(PATCHED, now) == stage(PATCHED[::-1], now)
