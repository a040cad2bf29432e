"""Field types of clinical events: units, ranges and vocabularies, each declared once."""

import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    _Datetime = datetime.datetime
else:
    # A library that freezes the clock in tests replaces `datetime.datetime` while modules are
    # imported; msgspec must still see the real class, which its decoder always returns.
    _Datetime = type(msgspec.msgpack.decode(b"\xd6\xff\x00\x00\x00\x00"))

Instant = Annotated[_Datetime, Meta(tz=True, description="instant with a UTC offset, ISO 8601")]

Text = Annotated[str, Meta(max_length=2000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
EventId = Annotated[str, Meta(min_length=1, max_length=200, description="id of an event")]
Reason = Annotated[str, Meta(min_length=1, max_length=2000, description="why, in words")]
Note = Annotated[str, Meta(max_length=2000, description="free text")]
Level = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=50,
        description="spinal level: an interspace (L4-L5) or a span of vertebrae (L3-L5)",
    ),
]

YesNo = Literal["yes", "no", "unknown"]

Nrs = Annotated[
    float,
    Meta(ge=0, le=10, description="pain, numeric rating scale", extra={"unit": "NRS 0-10"}),
]
Celsius = Annotated[
    float, Meta(ge=30, le=45, description="body temperature", extra={"unit": "degC"})
]
Systolic = Annotated[
    float, Meta(ge=20, le=350, description="systolic blood pressure", extra={"unit": "mmHg"})
]
PatchVolume = Annotated[
    float, Meta(gt=0, le=60, description="volume injected", extra={"unit": "mL"})
]
Volume = Annotated[float, Meta(gt=0, le=1000, description="volume", extra={"unit": "mL"})]
Pressure = Annotated[
    float,
    Meta(ge=-50, le=150, description="opening pressure of the CSF", extra={"unit": "cmH2O"}),
]
Minutes = Annotated[float, Meta(ge=0, le=10080, description="duration", extra={"unit": "min"})]
Dose = Annotated[float, Meta(gt=0, le=1_000_000, description="amount of one dose")]

Posture = Annotated[
    Literal["orthostatic", "reverse-orthostatic", "non-positional", "none", "unknown"],
    Meta(description="how the headache depends on posture; orthostatic is worse upright"),
]
Trend = Annotated[
    Literal["improved", "worsening", "unchanged", "unknown"],
    Meta(description="course since the last report"),
]
HeadacheLocation = Literal[
    "occipital",
    "frontal",
    "periorbital",
    "retroorbital",
    "temporal",
    "vertex",
    "diffuse",
    "neck",
    "unknown",
]
Symptom = Literal[
    "headache",
    "nausea",
    "vomiting",
    "neck-stiffness",
    "neck-pain",
    "back-pain",
    "visual-change",
    "blurred-vision",
    "diplopia",
    "photophobia",
    "hearing-change",
    "tinnitus",
    "dizziness",
    "fever",
    "chills",
    "seizure",
    "altered-mental-status",
    "neurological-deficit",
    "papilledema",
    "constipation",
    "malaise",
    "sepsis",
]
Drainage = Annotated[
    Literal["none", "clear", "serous", "bloody", "purulent", "unknown"],
    Meta(description="what the wound drains"),
]
Measure = Literal[
    "bed-rest",
    "positioning",
    "hydration",
    "acetaminophen",
    "nsaid",
    "caffeine",
    "cosyntropin",
    "activity-restriction",
    "bowel-regimen",
    "expectant",
]
BodyPosition = Annotated[
    Literal["supine", "trendelenburg", "head-up", "upright", "prone", "lateral", "unknown"],
    Meta(description="position of the body"),
]
DrugClass = Annotated[
    Literal[
        "carbonic-anhydrase-inhibitor",
        "antihypertensive",
        "opioid",
        "nsaid",
        "acetaminophen",
        "anticoagulant",
        "caffeine",
        "other",
    ],
    Meta(description="class of the drug"),
]
Guidance = Annotated[
    Literal["none", "fluoroscopy", "ct", "ultrasound", "unknown"],
    Meta(description="image guidance of the needle"),
]
InjectionPain = Annotated[
    Literal["none", "mild", "substantial", "unknown"],
    Meta(description="backache or headache during the injection"),
]
Modality = Annotated[
    Literal[
        "MRI",
        "CT",
        "MR-myelography",
        "CT-myelography",
        "dynamic-CT-myelography",
        "digital-subtraction-myelography",
        "other",
    ],
    Meta(description="imaging technique"),
]
Region = Literal["brain", "complete-spine", "spine", "surgical-site"]
Indication = Annotated[
    Literal[
        "routine",
        "neurological-deficit",
        "altered-mental-status",
        "visual-change",
        "persistent-after-patch",
        "suspected-subdural",
        "suspected-venous-thrombosis",
        "suspected-meningitis",
        "atypical-presentation",
        "worsening-headache",
        "leak-localization",
        "other",
    ],
    Meta(description="why the imaging is done"),
]
LeakType = Annotated[
    Literal["ventral", "lateral", "csf-venous-fistula", "pseudomeningocele", "unknown"],
    Meta(description="type of the leak"),
]
Complication = Annotated[
    Literal[
        "cerebral-venous-thrombosis",
        "subdural-hematoma",
        "subdural-hygroma",
        "meningitis",
        "wound-infection",
        "wound-dehiscence",
        "other",
    ],
    Meta(description="the complication"),
]
Activity = Annotated[
    Literal[
        "bending",
        "straining",
        "stretching",
        "twisting",
        "closed-mouth-coughing",
        "sneezing",
        "heavy-lifting",
        "strenuous-exercise",
    ],
    Meta(description="an activity that raises CSF pressure"),
]
