"""Random histories: valid, but otherwise anything that could happen in some forty days."""

import datetime
from collections.abc import Sequence

import msgspec
from hypothesis import strategies as st

from tests.pathway.histories import at, correct, in_order, opened, void, when
from tracker.events import Recorded

ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut")
STARTS = ("2026-03-25 08:00", "2025-10-22 13:30", "2025-11-30 22:00", "2024-02-27 06:15")

_HEADACHES = [
    ("headache-assessed", {"posture": posture})
    for posture in ("orthostatic", "orthostatic", "reverse-orthostatic", "non-positional", "none")
]
_FINDINGS = [
    *_HEADACHES,
    ("headache-assessed", {}),
    ("headache-assessed", {"posture": "orthostatic", "trend": "improved"}),
    ("headache-assessed", {"posture": "orthostatic", "trend": "worsening", "severity_nrs": 8}),
    ("leak-suspected", {}),
    ("symptoms-recorded", {"present": ["headache", "nausea"]}),
    ("symptoms-recorded", {"absent": ["headache"]}),
    ("symptoms-recorded", {"present": ["neck-stiffness"], "temperature_c": 38.4}),
    ("symptoms-recorded", {"present": ["diplopia"]}),
    ("symptoms-recorded", {"absent": ["diplopia", "neurological-deficit"]}),
    ("wound-examined", {"drainage": "clear", "erythema": "no"}),
    ("wound-examined", {"drainage": "none", "infection": "yes"}),
    ("complication-diagnosed", {"complication": "subdural-hematoma"}),
    ("complication-resolved", {"complication": "subdural-hematoma"}),
    ("rebound-headache-diagnosed", {}),
    ("treatment-outcome-recorded", {"outcome": "partial"}),
    ("treatment-outcome-recorded", {"outcome": "none"}),
    ("review-completed", {"review": "early", "outcome": "persistent"}),
    ("review-completed", {"review": "intermediate", "outcome": "worse"}),
    ("review-completed", {"review": "late", "outcome": "resolved", "restrictions": "lifted"}),
]
_ACTS = [
    ("surgery-performed", {"level": "L4-L5"}),
    ("blood-patch-performed", {"volume_ml": 18, "level": "L4-L5"}),
    ("blood-patch-performed", {"volume_ml": 8, "dural_puncture": "yes"}),
    ("blood-patch-performed", {"volume_ml": 16, "guidance": "ct"}),
    ("targeted-patch-performed", {"material": "fibrin"}),
    ("aspiration-performed", {"with_patch": True}),
    ("embolization-performed", {"target": "csf-venous-fistula"}),
    ("surgical-repair-performed", {}),
    ("csf-drainage-performed", {"purpose": "rebound-relief"}),
    ("imaging-performed", {"modality": "MRI", "regions": ["brain"], "contrast": True}),
    ("imaging-performed", {"modality": "MRI", "regions": ["complete-spine"]}),
    ("imaging-ordered", {"modality": "MRI", "regions": ["brain"]}),
]
_CARE = [
    ("conservative-management-started", {"measures": ["bed-rest", "hydration"]}),
    ("conservative-management-started", {}),
    ("conservative-management-ended", {}),
    ("bed-rest-started", {}),
    ("bed-rest-ended", {}),
    ("position-changed", {"position": "supine"}),
    ("position-changed", {"position": "upright"}),
    ("patient-mobilized", {}),
    ("medication-given", {"drug_class": "caffeine"}),
    ("medication-started", {"drug": "acetazolamide"}),
    ("medication-stopped", {"drug": "acetazolamide"}),
    ("thromboprophylaxis-decided", {"decision": "withheld"}),
    ("activity-recorded", {"activity": "bending"}),
    ("specialist-referral-made", {}),
    ("blood-patch-ordered", {}),
    ("blood-patch-cancelled", {}),
    ("blood-patch-declined", {}),
    ("blood-patch-deferred", {"planned_for": "2026-03-31T10:00:07Z"}),
    ("blood-patch-deferred", {"planned_for": "2025-10-29T10:00:07Z"}),
]
_JOURNEY = [
    ("patient-discharged", {}),
    ("patient-transferred", {}),
    ("patient-readmitted", {}),
    ("patient-readmitted", {}),
    ("lost-to-follow-up", {}),
    ("patient-died", {}),
    ("episode-closed", {"outcome": "other", "reason": "moved"}),
    ("episode-closed", {"outcome": "excluded", "reason": "not a leak"}),
    ("episode-reopened", {}),
]
_KINDS = ("early-review", "patch-decision", "complication-review", "imaging", "late-review")
_LEDGER = [
    *[("reminder-waived", {"reminder": kind, "reason": "not needed"}) for kind in _KINDS],
    *[("reminder-acknowledged", {"reminder": kind}) for kind in _KINDS],
    ("reminder-snoozed", {"reminder": "early-review", "until": "2026-03-31T10:00:00Z"}),
    *[
        ("alert-acknowledged", {"alert": rule})
        for rule in ("neurological-deficit", "subdural-suspected", "possible-duplicate")
    ],
    *[
        ("reminder-issued", {"reminder": kind, "phase": phase})
        for kind in _KINDS
        for phase in ("open", "overdue")
    ],
]
_STEPS = (0, 1, 2, 24, 48, 72, 240, 336, 672)
"""Hours between events at which windows of the pathway open or close."""
_WORDS = st.one_of(
    st.sampled_from(_FINDINGS),
    st.sampled_from(_FINDINGS),
    st.sampled_from(_ACTS),
    st.sampled_from(_CARE),
    st.sampled_from([*_JOURNEY, *_LEDGER]),
)


_LEAK = ("headache-assessed", {"posture": "orthostatic"})
_MANAGED = ("conservative-management-started", {"measures": ["bed-rest"]})
_PATCHED = ("blood-patch-performed", {"volume_ml": 18})
_PUNCTURED = ("dural-puncture-recorded", {})
_BEGINNINGS = (
    [],
    [_LEAK, _MANAGED],
    [_LEAK, _MANAGED, _PUNCTURED],
    [_LEAK, _MANAGED, _PATCHED],
    [_LEAK, _MANAGED, _PATCHED, _LEAK],
    [_PATCHED, _LEAK, _PATCHED, _LEAK],
)
"""Courses that random words alone would rarely take."""


@st.composite
def facts(draw: st.DrawFn, ties: bool = False) -> list[Recorded]:
    """Return an opening and up to 14 events in the order in which they occurred.

    No two occur at one instant unless `ties`: each then differs in its seconds.
    """
    start = when(draw(st.sampled_from(STARTS)))
    zone = draw(st.sampled_from(ZONES))
    events = opened(zone, start - datetime.timedelta(hours=1))
    instant = start
    words = [*draw(st.sampled_from(_BEGINNINGS)), *draw(st.lists(_WORDS, max_size=10))]
    for number, (topic, fields) in enumerate(words):
        hours = draw(st.sampled_from(_STEPS) | st.integers(0, 96))
        instant += datetime.timedelta(hours=hours, seconds=0 if ties else 1)
        late = draw(st.sampled_from((0, 0, 0, 0, 5, 30, 200)))
        recorded = instant + datetime.timedelta(hours=late)
        events += at(instant, topic, id=f"e{number}", recorded=recorded, **fields)
    return events


@st.composite
def amendments(draw: st.DrawFn, events: Sequence[Recorded]) -> list[Recorded]:
    """Return up to three corrections and voidings of these events or of one another."""
    latest = max(e.recorded_at for e in events)
    standing = [e.id for e in events if e.id != "opened"]
    told = {e.id: e for e in events}
    made: list[Recorded] = []
    for number in range(draw(st.integers(0, 3)) if standing else 0):
        now = latest + datetime.timedelta(hours=number + draw(st.integers(0, 72)))
        latest = now
        target = draw(st.sampled_from(standing))
        if target in told and draw(st.integers(0, 2)):
            back = datetime.timedelta(hours=draw(st.integers(0, 100)), milliseconds=number + 1)
            moved = {"occurred_at": f"{told[target].occurred_at - back:%FT%T.%fZ}"}
            changes = draw(st.sampled_from([moved, _CHANGES.get(told[target].topic, moved)]))
            [amended] = correct(now, target, **changes)
        else:
            [amended] = void(now, target)
            standing.remove(target)
        made.append(msgspec.structs.replace(amended, id=f"a{number}"))
        standing.append(f"a{number}")
    return made


_CHANGES = {
    "headache-assessed": {"posture": "orthostatic"},
    "symptoms-recorded": {"present": ["headache"], "absent": []},
    "blood-patch-performed": {"volume_ml": 17, "dural_puncture": "no"},
    "review-completed": {"review": "early"},
}


def as_recorded(events: Sequence[Recorded]) -> list[Recorded]:
    """Number the events in the order of their recording."""
    return in_order(sorted(events, key=lambda e: e.recorded_at))


@st.composite
def histories(draw: st.DrawFn, ties: bool = False) -> list[Recorded]:
    """Return a history as the log holds it: late entries, corrections, voidings and all."""
    events = draw(facts(ties=ties))
    return as_recorded([*events, *draw(amendments(events))])


def instants(history: Sequence[Recorded]) -> st.SearchStrategy[datetime.datetime]:
    """Return instants from the first event to a year after the last, often near a window."""
    first = history[0].occurred_at
    near = [
        event.occurred_at + datetime.timedelta(hours=hours) for event in history for hours in _STEPS
    ]
    anywhere = st.integers(0, 400 * 86_400).map(lambda s: first + datetime.timedelta(seconds=s))
    return st.sampled_from(near) | anywhere


@st.composite
def looks(draw: st.DrawFn, ties: bool = False) -> tuple[list[Recorded], datetime.datetime]:
    """Return a history and an instant at which somebody looks at it."""
    history = draw(histories(ties=ties))
    return history, draw(instants(history))
