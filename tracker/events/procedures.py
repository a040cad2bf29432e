"""Procedures: surgery, punctures, patches and what was ordered, declined or deferred of them."""

from typing import Annotated, Literal

from msgspec import Meta

from tracker.events import fields as f
from tracker.events.base import EventData, Role, event


@event("surgery-performed", Role.PROCEDURE | Role.BREACH)
class SurgeryPerformed(EventData):
    """Spine surgery; starts the clock D whatever is known of the dura."""

    procedure: Annotated[f.Name, Meta(description="what was done")] | None = None
    level: f.Level | None = None
    dural_tear: Annotated[f.YesNo, Meta(description="the dura was torn")] | None = None
    dural_repair: Annotated[f.YesNo, Meta(description="the tear was repaired")] | None = None


@event("dural-puncture-recorded", Role.PROCEDURE | Role.BREACH)
class DuralPunctureRecorded(EventData):
    """The dura was punctured, for certain or perhaps; starts the clock D."""

    cause: (
        Annotated[
            Literal["lumbar-puncture", "neuraxial-anesthesia", "myelography", "other", "unknown"],
            Meta(description="what punctured it"),
        ]
        | None
    ) = None
    level: f.Level | None = None
    certain: Annotated[bool, Meta(description="the puncture is certain")] | None = None


class _OrderDecision(EventData):
    reason: f.Text | None = None
    planned_for: (
        Annotated[f.Instant, Meta(description="when the patch is to be done or decided on")] | None
    ) = None
    order: (
        Annotated[f.EventId, Meta(description="the order meant; absent: the latest open one")]
        | None
    ) = None


@event("blood-patch-ordered", Role.ORDER)
class BloodPatchOrdered(_OrderDecision):
    """An epidural blood patch was ordered."""


@event("blood-patch-cancelled", Role.ORDER)
class BloodPatchCancelled(_OrderDecision):
    """A blood patch order was cancelled."""


@event("blood-patch-declined", Role.ORDER)
class BloodPatchDeclined(_OrderDecision):
    """The patient declined a blood patch."""


@event("blood-patch-deferred", Role.ORDER)
class BloodPatchDeferred(_OrderDecision):
    """A blood patch was put off."""


_PATCH = Role.PROCEDURE | Role.INTERVENTION | Role.PATCH


@event("blood-patch-performed", _PATCH)
class BloodPatchPerformed(EventData):
    """An epidural blood patch was done (L42-L58); starts the clocks P and I."""

    volume_ml: f.PatchVolume | None = None
    level: f.Level | None = None
    guidance: f.Guidance | None = None
    blood: (
        Annotated[Literal["autologous", "unknown"], Meta(description="source of the blood")] | None
    ) = None
    aseptic: Annotated[bool, Meta(description="strict aseptic technique")] | None = None
    injection_pain: f.InjectionPain | None = None
    stopped_early_reason: (
        Annotated[f.Text, Meta(description="why the injection was stopped early")] | None
    ) = None
    ended_at: (
        Annotated[f.Instant, Meta(description="end of the procedure; observation runs from it")]
        | None
    ) = None
    dural_puncture: Annotated[f.YesNo, Meta(description="the needle punctured the dura")] | None = (
        None
    )


@event("targeted-patch-performed", _PATCH)
class TargetedPatchPerformed(EventData):
    """A patch was aimed at a known leak site, with blood or fibrin (L86)."""

    material: (
        Annotated[Literal["blood", "fibrin", "unknown"], Meta(description="what was injected")]
        | None
    ) = None
    guidance: f.Guidance | None = None
    site: Annotated[f.Name, Meta(description="the leak site aimed at")] | None = None
    volume_ml: f.Volume | None = None
    level: f.Level | None = None


@event("aspiration-performed", _PATCH)
class AspirationPerformed(EventData):
    """A fluid collection was aspirated (L73); an intervention only with a patch."""

    volume_ml: f.Volume | None = None
    guidance: f.Guidance | None = None
    with_patch: Annotated[bool, Meta(description="a patch was done with it")] | None = None


@event("embolization-performed", Role.PROCEDURE | Role.INTERVENTION)
class EmbolizationPerformed(EventData):
    """A vein draining the leak was embolized (L87)."""

    target: (
        Annotated[
            Literal["csf-venous-fistula", "other", "unknown"],
            Meta(description="what was embolized"),
        ]
        | None
    ) = None


@event("surgical-repair-performed", Role.PROCEDURE | Role.INTERVENTION | Role.BREACH)
class SurgicalRepairPerformed(EventData):
    """The leak was repaired by surgery (L88)."""

    site: Annotated[f.Name, Meta(description="where")] | None = None
    approach: Annotated[f.Name, Meta(description="how it was reached")] | None = None


@event("csf-drainage-performed", Role.PROCEDURE | Role.BREACH)
class CsfDrainagePerformed(EventData):
    """CSF was drained (L106)."""

    purpose: (
        Annotated[
            Literal["rebound-relief", "leak-diversion", "diagnostic", "unknown"],
            Meta(description="what for"),
        ]
        | None
    ) = None
    volume_ml: f.Volume | None = None
    opening_pressure_cmh2o: f.Pressure | None = None


@event("other-procedure-performed", Role.PROCEDURE)
class OtherProcedurePerformed(EventData):
    """Another procedure was done."""

    procedure: Annotated[f.Name, Meta(description="what was done")] | None = None
