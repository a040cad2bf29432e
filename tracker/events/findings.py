"""Findings: what was seen or said about the patient. The latest one decides the leak state."""

from typing import Annotated, Literal

from msgspec import Meta

from tracker.events import fields as f
from tracker.events.base import EventData, Role, event


@event("leak-suspected", Role.FINDING)
class LeakSuspected(EventData):
    """A leak of cerebrospinal fluid is suspected."""

    basis: Annotated[f.Text, Meta(description="what the suspicion rests on")] | None = None


@event("headache-assessed", Role.FINDING)
class HeadacheAssessed(EventData):
    """A headache was assessed: its pattern, severity, place and course (L24-L28)."""

    posture: f.Posture | None = None
    severity_nrs: f.Nrs | None = None
    severity_upright_nrs: f.Nrs | None = None
    severity_supine_nrs: f.Nrs | None = None
    location: Annotated[
        tuple[f.HeadacheLocation, ...], Meta(description="where the head hurts")
    ] = ()
    onset_at: f.Instant | None = None
    associated: Annotated[
        tuple[f.Symptom, ...], Meta(description="symptoms that come with the headache")
    ] = ()
    trend: f.Trend | None = None
    systolic_mmhg: f.Systolic | None = None
    note: f.Note | None = None


@event("symptoms-recorded", Role.FINDING)
class SymptomsRecorded(EventData):
    """Symptoms named present, absent or improved (L28)."""

    present: Annotated[tuple[f.Symptom, ...], Meta(description="symptoms that are there")] = ()
    absent: Annotated[tuple[f.Symptom, ...], Meta(description="symptoms that are not there")] = ()
    improved: Annotated[
        tuple[f.Symptom, ...], Meta(description="symptoms that are better but not gone")
    ] = ()
    temperature_c: f.Celsius | None = None
    severity_nrs: f.Nrs | None = None
    trend: f.Trend | None = None
    posture: f.Posture | None = None
    note: f.Note | None = None

    def problem(self) -> str | None:
        """Refuse a symptom that is said to be there and not there."""
        both = sorted(set(self.present) & set(self.absent))
        return f"{', '.join(both)}: both present and absent" if both else None


@event("wound-examined", Role.FINDING)
class WoundExamined(EventData):
    """The surgical site was examined (L29, L115)."""

    collection: Annotated[f.YesNo, Meta(description="fluid collection")] | None = None
    bulging: Annotated[f.YesNo, Meta(description="bulging wound")] | None = None
    erythema: Annotated[f.YesNo, Meta(description="reddened wound")] | None = None
    dehiscence: Annotated[f.YesNo, Meta(description="wound edges apart")] | None = None
    infection: Annotated[f.YesNo, Meta(description="wound infection")] | None = None
    drainage: f.Drainage | None = None


@event("rebound-headache-diagnosed", Role.FINDING)
class ReboundHeadacheDiagnosed(EventData):
    """A clinician diagnosed rebound headache from raised CSF pressure (L90-L105)."""

    note: f.Note | None = None


@event("treatment-outcome-recorded", Role.FINDING)
class TreatmentOutcomeRecorded(EventData):
    """How far the headache went after treatment."""

    outcome: (
        Annotated[
            Literal["complete", "partial", "none", "unknown"],
            Meta(description="remission reached"),
        ]
        | None
    ) = None


@event("review-completed", Role.FINDING)
class ReviewCompleted(EventData):
    """A follow-up review was done (L117-L123)."""

    review: Annotated[
        Literal["early", "intermediate", "late"],
        Meta(description="early 24-48 h, intermediate 10-14 d, late 3-6 months"),
    ]
    mode: (
        Annotated[Literal["in-person", "phone", "video"], Meta(description="how it was held")]
        | None
    ) = None
    outcome: (
        Annotated[
            Literal["resolved", "improved", "persistent", "worse", "unknown"],
            Meta(description="how the patient was"),
        ]
        | None
    ) = None
    restrictions: (
        Annotated[
            Literal["continue", "lifted"], Meta(description="what becomes of the restrictions")
        ]
        | None
    ) = None


@event("complication-diagnosed", Role.FINDING)
class ComplicationDiagnosed(EventData):
    """A complication was diagnosed (L108-L115)."""

    complication: f.Complication
    plan: Annotated[f.Text, Meta(description="what will be done")] | None = None


@event("complication-resolved", Role.FINDING)
class ComplicationResolved(EventData):
    """A complication is over."""

    complication: f.Complication


@event("leak-site-identified", Role.FINDING)
class LeakSiteIdentified(EventData):
    """Imaging showed where, or of which type, the leak is (L84)."""

    leak_type: f.LeakType | None = None
    level: f.Level | None = None
