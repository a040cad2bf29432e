"""Conservative treatment: management, rest, position and drugs."""

from typing import Annotated, Literal

from msgspec import Meta

from tracker.events import fields as f
from tracker.events.base import EventData, Role, event

Measures = Annotated[tuple[f.Measure, ...], Meta(description="measures taken")]


@event("conservative-management-started")
class ConservativeManagementStarted(EventData):
    """Conservative management began; starts the clock C (L31-L40)."""

    measures: Measures = ()


@event("conservative-management-ended")
class ConservativeManagementEnded(EventData):
    """Conservative management ended."""

    measures: Measures = ()


@event("bed-rest-started")
class BedRestStarted(EventData):
    """Bed rest began (L36)."""

    strict: Annotated[bool, Meta(description="strict bed rest")] | None = None


@event("bed-rest-ended")
class BedRestEnded(EventData):
    """Bed rest ended."""

    strict: Annotated[bool, Meta(description="it had been strict")] | None = None


@event("position-changed")
class PositionChanged(EventData):
    """The patient was put in another position (L35, L53)."""

    position: f.BodyPosition | None = None


@event("patient-mobilized")
class PatientMobilized(EventData):
    """The patient got up."""

    duration_min: f.Minutes | None = None
    reason: f.Text | None = None


@event("wound-drain-removed")
class WoundDrainRemoved(EventData):
    """A wound drain was taken out."""

    note: f.Note | None = None


class _Medication(EventData):
    drug: Annotated[f.Name, Meta(description="name of the drug")] | None = None
    drug_class: f.DrugClass | None = None
    dose: f.Dose | None = None
    unit: Annotated[f.Name, Meta(description="unit of the dose, such as mg")] | None = None
    route: Annotated[f.Name, Meta(description="route, such as oral or iv")] | None = None
    indication: Annotated[f.Text, Meta(description="what it is given for")] | None = None
    pre_existing: (
        Annotated[bool, Meta(description="the patient took it before this episode")] | None
    ) = None
    emergency: Annotated[bool, Meta(description="given in an emergency")] | None = None

    def problem(self) -> str | None:
        """Ask for the drug or its class: without either nothing can be judged."""
        if self.drug is None and self.drug_class is None:
            return "drug or drug_class is required"
        return None


@event("medication-given", Role.DRUG)
class MedicationGiven(_Medication):
    """One dose of a drug was given."""


@event("medication-started", Role.DRUG)
class MedicationStarted(_Medication):
    """A drug was started and runs until it is stopped."""


@event("medication-stopped", Role.DRUG)
class MedicationStopped(_Medication):
    """A running drug was stopped."""


@event("thromboprophylaxis-decided")
class ThromboprophylaxisDecided(EventData):
    """Thromboprophylaxis was decided on, either way (L40)."""

    decision: (
        Annotated[Literal["given", "withheld"], Meta(description="what was decided")] | None
    ) = None
    agent: Annotated[f.Name, Meta(description="drug or device")] | None = None
    reason: f.Text | None = None


@event("activity-recorded")
class ActivityRecorded(EventData):
    """The patient did something that raises CSF pressure (L136-L139)."""

    activity: f.Activity
