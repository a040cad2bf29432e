"""Institutional settings of a protocol: windows, thresholds and who is told (section 8)."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tracker.events.fields import DrugClass
from tracker.pathway.status import Level

Hours = Annotated[int, Meta(ge=0, le=8760, extra={"unit": "h"})]
Days = Annotated[int, Meta(ge=0, le=3650, extra={"unit": "d"})]
Months = Annotated[int, Meta(ge=0, le=120, extra={"unit": "months"})]
Grace = Annotated[int, Meta(ge=0, le=24, extra={"unit": "h"})]
Millilitres = Annotated[float, Meta(gt=0, le=60, extra={"unit": "mL"})]
Nrs = Annotated[float, Meta(ge=0, le=10, extra={"unit": "NRS 0-10"})]
Fever = Annotated[float, Meta(ge=35, le=42, extra={"unit": "degC"})]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Institutional settings: windows and thresholds. The unit is in the name."""

    patch_earliest_hours: Annotated[
        Hours, Meta(description="a patch sooner after the latest dural breach is too early")
    ]
    patch_decision_hours: Annotated[
        Hours, Meta(description="conservative management after which a patch is decided on")
    ]
    patch_decision_grace_hours: Annotated[
        Grace, Meta(description="added before the decision is overdue and the patch delayed")
    ]
    patch_volume_min_ml: Annotated[
        Millilitres, Meta(description="smallest volume of a blood patch")
    ]
    patch_volume_max_ml: Annotated[Millilitres, Meta(description="largest volume of a blood patch")]
    early_review_opens_hours: Annotated[
        Hours, Meta(description="early review, from the latest intervention")
    ]
    early_review_due_hours: Annotated[
        Hours, Meta(description="end of the early review; also of the stage after an intervention")
    ]
    intermediate_review_opens_days: Annotated[
        Days, Meta(description="intermediate review, from the latest patch")
    ]
    intermediate_review_due_days: Annotated[
        Days, Meta(description="last day of the intermediate review")
    ]
    late_review_opens_months: Annotated[
        Months, Meta(description="late review, from the latest intervention, else the resolution")
    ]
    late_review_due_months: Annotated[Months, Meta(description="end of the late review")]
    restrictions_opens_days: Annotated[
        Days, Meta(description="activity is restricted so long after an intervention")
    ]
    restrictions_due_days: Annotated[
        Days, Meta(description="end of the window in which restrictions are lifted")
    ]
    observation_min_hours: Annotated[Hours, Meta(description="lying down after a patch, at least")]
    observation_max_hours: Annotated[
        Hours, Meta(description="end of the observation after a patch")
    ]
    bed_rest_min_hours: Annotated[Hours, Meta(description="getting up sooner is too early")]
    bed_rest_max_hours: Annotated[Hours, Meta(description="bed rest after which it is reviewed")]
    wound_examination_due_hours: Annotated[
        Hours, Meta(description="examination of the wound, from the suspicion of a leak")
    ]
    thromboprophylaxis_due_hours: Annotated[
        Hours, Meta(description="decision on thromboprophylaxis, from the start of bed rest")
    ]
    severe_pain_nrs: Annotated[Nrs, Meta(description="pain from which opioids are in place")]
    fever_c: Annotated[Fever, Meta(description="body temperature from which it is fever")]
    duplicate_hours: Annotated[
        Hours, Meta(description="the same procedure recorded twice within it may be one")
    ]
    failed_patch_hours: Annotated[
        Hours, Meta(description="an active leak so long after an intervention means that it failed")
    ]
    rebound_from_hours: Annotated[
        Hours, Meta(description="rebound so long after a patch is the more likely, from")
    ]
    rebound_until_hours: Annotated[
        Hours, Meta(description="rebound so long after a patch is the more likely, until")
    ]
    imaging_window_hours: Annotated[Hours, Meta(description="routine imaging within it is early")]
    imaging_window_anchor: Annotated[
        Literal["conservative-start", "procedure"],
        Meta(description="what the imaging window runs from; procedure: the latest dural breach"),
    ]
    csf_drainage_is_intervention: Annotated[
        bool, Meta(description="whether draining CSF counts as an intervention")
    ]
    early_patch_order: Annotated[
        Literal["warn", "block"],
        Meta(description="an early or rebound patch order; block refuses it, never a patch done"),
    ]
    escalation: Annotated[
        tuple[Level, ...],
        Meta(max_length=9, description="who is told when nobody acknowledges an overdue reminder"),
    ]
    drug_classes: Annotated[
        dict[str, DrugClass], Meta(description="class of a drug recorded by name alone")
    ]
