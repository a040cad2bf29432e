"""For every alert rule a history that raises it, and one that raises none of most."""

from tests.pathway.histories import at
from tests.pathway.leaking import HEADACHE, LEAKING, START, SURGERY, finding

PATCHED = [*LEAKING, *at("2026-02-05 08:00", "blood-patch-performed", id="patch")]
REVERSE = finding("2026-02-02 08:00", id="r", posture="reverse-orthostatic")
MYELOGRAPHY = {"modality": "dynamic-CT-myelography", "position": "supine"}


def patch(time="2026-02-05 08:00", **fields):
    """Return a blood patch."""
    return at(time, "blood-patch-performed", id="act", **fields)


SEIZURE = at("2026-02-02 08:00", "symptoms-recorded", id="act", present=["seizure"])
DRUG = {"drug": "acetazolamide"}
RAISED = {
    "patch-too-early": [*LEAKING, *patch("2026-02-02 08:00")],
    "patch-before-conservative-trial": [*LEAKING, *patch("2026-02-04 08:00")],
    "patch-delayed": LEAKING,
    "rebound-suspected": [*LEAKING, *REVERSE],
    "patch-during-rebound": [*LEAKING, *REVERSE, *patch()],
    "pattern-unknown-before-patch": [*SURGERY, *patch()],
    "pattern-unknown-before-drug": [
        *at("2026-02-02 08:00", "leak-suspected"),
        *at("2026-02-02 09:00", "medication-started", id="act", **DRUG),
    ],
    "routine-imaging-early": [*LEAKING, *at("2026-02-02 08:00", "imaging-performed", id="act")],
    "imaging-before-patch": [*LEAKING, *at("2026-02-05 08:00", "imaging-performed", id="act")],
    "advanced-imaging-before-referral": [
        *LEAKING,
        *at("2026-02-05 08:00", "imaging-performed", id="act", **MYELOGRAPHY),
    ],
    "myelography-position": [
        *LEAKING,
        *at(
            "2026-02-05 08:00",
            "imaging-performed",
            id="act",
            suspected_leak="ventral",
            **MYELOGRAPHY,
        ),
    ],
    "csf-lowering-drug-in-active-leak": [
        *LEAKING,
        *at("2026-02-05 08:00", "medication-given", id="act", **DRUG),
    ],
    "bp-lowering-drug-in-active-leak": [
        *LEAKING,
        *at("2026-02-05 08:00", "medication-started", id="act", drug="labetalol"),
    ],
    "opioid-for-non-severe-pain": [
        *finding("2026-02-02 08:00", severity_nrs=2),
        *at("2026-02-05 08:00", "medication-given", id="act", drug="morphine"),
    ],
    "patch-volume": [*LEAKING, *patch(volume_ml=5)],
    "patch-level": [*LEAKING, *patch(level="L1-L2")],
    "repeat-patch-unguided": [*PATCHED, *patch("2026-02-08 08:00")],
    "injection-not-stopped": [*LEAKING, *patch(injection_pain="substantial")],
    "observation-too-short": [*PATCHED, *at("2026-02-05 09:00", "patient-mobilized", id="act")],
    "upright-too-early": [
        *LEAKING,
        *at("2026-02-02 08:00", "bed-rest-started"),
        *at("2026-02-02 09:00", "patient-mobilized", id="act"),
    ],
    "restriction-breach": [
        *PATCHED,
        *at("2026-02-06 08:00", "activity-recorded", id="act", activity="bending"),
    ],
    "embolization-target": [
        *LEAKING,
        *at("2026-02-05 08:00", "embolization-performed", id="act", target="other"),
    ],
    "repair-before-patch": [
        *LEAKING,
        *at("2026-02-05 08:00", "surgical-repair-performed", id="act"),
    ],
    "targeted-without-site": [
        *LEAKING,
        *at("2026-02-05 08:00", "targeted-patch-performed", id="act"),
    ],
    "neurological-deficit": SEIZURE,
    "venous-thrombosis-suspected": SEIZURE,
    "subdural-suspected": finding("2026-02-02 08:00", id="act", trend="worsening"),
    "meningitis-suspected": at(
        "2026-02-02 08:00", "symptoms-recorded", id="act", present=["headache", "fever"]
    ),
    "wound-complication-suspected": at(
        "2026-02-02 08:00", "wound-examined", id="act", erythema="yes"
    ),
    "complication-recorded": at(
        "2026-02-02 08:00", "complication-diagnosed", id="act", complication="meningitis"
    ),
    "follow-up-overdue": PATCHED,
    "closed-with-open-follow-up": [
        *PATCHED,
        *at("2026-02-06 08:00", "episode-closed", id="act", reason="r"),
    ],
    "possible-duplicate": [*PATCHED, *patch("2026-02-05 09:00")],
    "protocol-clock-missing": [*SURGERY, *HEADACHE],
}
WELL = [*SURGERY, *START, *finding("2026-02-02 08:00", posture="none")]
UNREMARKABLE = [
    *WELL,
    *at("2026-02-03 08:00", "symptoms-recorded", id="calm", present=["back-pain"]),
    *at("2026-02-03 08:00", "wound-examined", id="wound", drainage="none"),
    *at("2026-02-03 09:00", "medication-given", id="drug", drug="acetazolamide"),
    *at("2026-02-03 09:00", "medication-given", id="bp", drug="labetalol"),
    *at("2026-02-03 09:00", "medication-given", id="opioid", drug="morphine"),
    *at("2026-02-04 08:00", "imaging-performed", id="mri", indication="leak-localization"),
    *at(
        "2026-02-05 08:00",
        "blood-patch-performed",
        id="act",
        volume_ml=18,
        level="L4-L5",
        injection_pain="mild",
    ),
    *finding("2026-02-05 20:00", id="still-well", posture="none"),
    *at("2026-02-06 08:00", "patient-mobilized", id="up"),
    *at("2026-02-06 08:15", "targeted-patch-performed", id="aimed", site="L4", guidance="ct"),
    *at("2026-02-06 08:30", "embolization-performed", id="coil", target="csf-venous-fistula"),
    *at("2026-02-06 09:00", "surgical-repair-performed", id="repair"),
]
