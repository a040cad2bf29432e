"""Courses of care, told in hours after surgery, that end in every stage of the pathway."""

from typing import Any, NamedTuple

Fact = tuple[float, str, dict[str, Any]]


class Story(NamedTuple):
    """A course of care: how long ago surgery was, and what happened since."""

    age: float
    """Hours from surgery to the instant at which the episode is looked at."""
    facts: tuple[Fact, ...]


def _headache(hour: float, posture: str, nrs: int, **more: Any) -> Fact:
    severity = {"severity_nrs": nrs, "location": ["occipital", "frontal"]}
    return (hour, "headache-assessed", {"posture": posture, **severity, **more})


def _patch(hour: float, **more: Any) -> Fact:
    done = {"volume_ml": 18, "level": "L4-L5", "guidance": "fluoroscopy", "blood": "autologous"}
    return (hour, "blood-patch-performed", {**done, "aseptic": True, **more})


def _review(hour: float, review: str, outcome: str, **more: Any) -> Fact:
    return (
        hour,
        "review-completed",
        {"review": review, "outcome": outcome, "mode": "phone"} | more,
    )


def _imaging(hour: float) -> Fact:
    return (
        hour,
        "imaging-performed",
        {
            "modality": "MRI",
            "regions": ["brain", "complete-spine"],
            "contrast": True,
            "indication": "persistent-after-patch",
            "result": "epidural collection at L4",
        },
    )


_SURGERY: tuple[Fact, ...] = (
    (
        0,
        "surgery-performed",
        {
            "procedure": "microdiscectomy",
            "level": "L4-L5",
            "dural_tear": "yes",
            "dural_repair": "yes",
        },
    ),
    (20, "patient-mobilized", {"duration_min": 15, "reason": "first time up"}),
)
_SUSPECTED: tuple[Fact, ...] = (
    *_SURGERY,
    _headache(22, "orthostatic", 7, associated=["nausea", "photophobia"]),
    (
        23,
        "conservative-management-started",
        {"measures": ["bed-rest", "hydration", "acetaminophen", "caffeine"]},
    ),
    (24, "wound-examined", {"collection": "no", "erythema": "no", "drainage": "none"}),
    (25, "thromboprophylaxis-decided", {"decision": "given", "agent": "enoxaparin"}),
    (40, "symptoms-recorded", {"present": ["headache", "nausea"], "absent": ["fever"]}),
    _headache(46, "orthostatic", 6),
    (70, "bed-rest-ended", {"strict": False}),
)
_PATCHED: tuple[Fact, ...] = (
    *_SUSPECTED,
    _headache(94, "orthostatic", 6),
    (96, "blood-patch-ordered", {"reason": "still orthostatic after three days"}),
    _patch(98),
)
_IMPROVED: tuple[Fact, ...] = (
    *_PATCHED,
    (101, "patient-mobilized", {"duration_min": 10}),
    _headache(110, "none", 0),
    _review(125, "early", "resolved", restrictions="continue"),
    (127, "patient-discharged", {"to": "home", "outcome": "no headache"}),
)
_FAILED: tuple[Fact, ...] = (
    *_PATCHED,
    (101, "patient-mobilized", {"duration_min": 10}),
    _headache(124, "orthostatic", 6),
    _review(126, "early", "persistent"),
    _imaging(130),
)

STORIES: dict[str, Story] = {
    "at-risk": Story(100, (*_SURGERY, (30, "wound-drain-removed", {"note": "dry"}))),
    "assessment": Story(75, (*_SURGERY, _headache(45, "unknown", 5))),
    "conservative": Story(75, _SUSPECTED),
    "patch-due": Story(110, (*_SUSPECTED, _headache(94, "orthostatic", 6))),
    "post-patch": Story(108, _PATCHED),
    "post-repair": Story(
        118, (*_SUSPECTED, (110, "surgical-repair-performed", {"site": "L4", "approach": "open"}))
    ),
    "persistent": Story(200, _FAILED),
    "referral": Story(
        310,
        (
            *_SUSPECTED,
            _patch(98),
            (101, "patient-mobilized", {"duration_min": 10}),
            _review(126, "early", "persistent"),
            _imaging(130),
            _patch(200, guidance="ct"),
            (203, "patient-mobilized", {"duration_min": 10}),
            _review(232, "early", "persistent"),
            (236, "specialist-referral-made", {"to": "university hospital"}),
        ),
    ),
    "rebound": Story(
        180, (*_PATCHED, _headache(125, "reverse-orthostatic", 5, associated=["nausea"]))
    ),
    "follow-up": Story(600, (*_IMPROVED, _review(400, "intermediate", "resolved"))),
    "infected": Story(
        150,
        (
            *_PATCHED,
            _review(125, "early", "improved"),
            (130, "wound-examined", {"erythema": "yes", "infection": "yes"}),
        ),
    ),
    "closed": Story(
        4000,
        (
            *_IMPROVED,
            _review(400, "intermediate", "resolved"),
            _review(2900, "late", "resolved", restrictions="lifted"),
            (2950, "episode-closed", {"outcome": "resolved", "reason": "follow-up complete"}),
        ),
    ),
}
"""What happened, by the stage the episode has come to."""

ASIDE: dict[str, Story] = {"owing": Story(96, _SUSPECTED), "changing": Story(94.5, _SUSPECTED)}
"""The patch decision is owed now and was not issued yet; it opens in half an hour."""
