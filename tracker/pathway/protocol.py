"""The protocol as data: settings, wording, severities, citations, and how a site changes them."""

import functools
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tracker.errors import UsageError
from tracker.events.fields import DrugClass
from tracker.nearest import did_you_mean
from tracker.pathway.shapes import in_words, nearest_key
from tracker.pathway.status import Severity, Stage

DEFAULT = "csf-leak-post-spine-surgery@1"

Hours = Annotated[int, Meta(ge=0, le=8760, extra={"unit": "h"})]
Days = Annotated[int, Meta(ge=0, le=3650, extra={"unit": "d"})]
Months = Annotated[int, Meta(ge=0, le=120, extra={"unit": "months"})]
Grace = Annotated[int, Meta(ge=0, le=24, extra={"unit": "h"})]
Millilitres = Annotated[float, Meta(gt=0, le=60, extra={"unit": "mL"})]
Nrs = Annotated[float, Meta(ge=0, le=10, extra={"unit": "NRS 0-10"})]
Fever = Annotated[float, Meta(ge=35, le=42, extra={"unit": "degC"})]


class ProtocolError(UsageError):
    """A protocol file cannot be used; the message names the place."""


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
    drug_classes: Annotated[
        dict[str, DrugClass], Meta(description="class of a drug recorded by name alone")
    ]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert rule in words: what it says, when it is raised, how grave it is, its source."""

    severity: Severity
    text: str
    when: str
    source: str
    variants: dict[str, Severity] = {}


class ReminderKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of reminder in words."""

    text: str
    opens: str
    due: str
    settled: str
    source: str
    owner: str


class StageText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage in words: its title and what is to be done in it."""

    title: str
    text: str
    source: str
    owner: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
    version: Annotated[str, Meta(pattern=r"^[0-9][0-9A-Za-z.-]*$", max_length=30)]
    title: str
    settings: Settings
    stages: dict[Stage, StageText]
    reminders: dict[str, ReminderKind]
    rules: dict[str, Rule]
    base: str | None = None


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """One immutable version of the protocol."""

    name: str
    """id@version"""
    title: str
    settings: Settings
    stages: dict[Stage, StageText]
    reminders: dict[str, ReminderKind]
    rules: dict[str, Rule]
    text: str
    """The file it was read from."""
    hash: str
    """SHA-256 of the text; of a file with a base, of the hash of that, a newline and the text."""
    base: str | None


_WINDOWS = (
    ("patch_volume_min_ml", "patch_volume_max_ml"),
    ("early_review_opens_hours", "early_review_due_hours"),
    ("intermediate_review_opens_days", "intermediate_review_due_days"),
    ("late_review_opens_months", "late_review_due_months"),
    ("restrictions_opens_days", "restrictions_due_days"),
    ("observation_min_hours", "observation_max_hours"),
    ("bed_rest_min_hours", "bed_rest_max_hours"),
    ("rebound_from_hours", "rebound_until_hours"),
)


def parse_protocol(text: str, base: Callable[[str], Protocol] | None = None) -> Protocol:
    """Read a protocol file; one that names a `base` changes only what it mentions.

    Raises ProtocolError naming the place: an unknown key, a value out of range, an end before a
    start, a base that is not there.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"the protocol file is not TOML: {error}") from None
    if "base" in raw:
        raw = _overlaid(raw, base)
    try:
        file = msgspec.convert(raw, _File)
        file = msgspec.convert(_worded(file), _File)
    except msgspec.ValidationError as error:
        why, hint = in_words(str(error)), nearest_key(str(error), _File)
        raise ProtocolError(f"the protocol file cannot be used: {why}", hint) from None
    for start, end in _WINDOWS:
        if getattr(file.settings, end) < getattr(file.settings, start):
            raise ProtocolError(
                f"the protocol file cannot be used: settings.{end} is before settings.{start}"
            )
    return Protocol(
        name=f"{file.id}@{file.version}",
        title=file.title,
        settings=file.settings,
        stages=file.stages,
        reminders=file.reminders,
        rules=file.rules,
        text=text,
        hash=_hash(text, None if file.base is None or base is None else base(file.base)),
        base=file.base,
    )


def _hash(text: str, below: Protocol | None) -> str:
    whole = text if below is None else f"{below.hash}\n{text}"
    return hashlib.sha256(whole.encode()).hexdigest()


def _overlaid(raw: dict[str, Any], base: Callable[[str], Protocol] | None) -> dict[str, Any]:
    if base is None or not isinstance(raw["base"], str):
        raise ProtocolError("base must name a protocol version that is already known")
    below = base(raw["base"])
    if raw.get("id", below.name.split("@")[0]) + "@" + str(raw.get("version")) == below.name:
        raise ProtocolError(f"version {raw.get('version')} is taken: versions never change")
    plain = _raw(below, base)
    for table in ("rules", "reminders", "stages"):
        for name in raw.get(table, {}):
            if name not in plain[table]:
                raise ProtocolError(
                    f"the protocol file names an unknown {table[:-1]}: {name}",
                    did_you_mean(name, plain[table]),
                )
    return _merge(plain, raw)


def _raw(protocol: Protocol, base: Callable[[str], Protocol]) -> dict[str, Any]:
    """Return the file of a protocol with those below it merged in, wording as written."""
    own = tomllib.loads(protocol.text)
    if protocol.base is None:
        return own
    return _merge(_raw(base(protocol.base), base), own)


def _worded(file: _File) -> dict[str, Any]:
    """Put the settings into the wording, so that it never says another number than is applied."""
    plain: dict[str, Any] = msgspec.to_builtins(file)
    values = {k: _number(v) for k, v in plain["settings"].items()}
    for table in ("stages", "reminders", "rules"):
        for name, entry in plain[table].items():
            for key, text in entry.items():
                if isinstance(text, str):
                    try:
                        entry[key] = text.format_map(values)
                    except (KeyError, ValueError, IndexError, AttributeError):
                        raise ProtocolError(
                            "the protocol file cannot be used: wording that names no setting "
                            f"in braces - at `$.{table}.{name}.{key}`"
                        ) from None
    return plain


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged


@functools.cache
def builtin_protocol(name: str = DEFAULT) -> Protocol:
    """Return a protocol version that came with the program.

    Raises ProtocolError when there is none of that name.
    """
    if name not in builtin_names():
        raise ProtocolError(f"no protocol {name}", "tracker protocol list")
    return parse_protocol(_folder().joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def builtin_names() -> list[str]:
    """Return the names of the protocol versions that came with the program."""
    return sorted(f.name[: -len(".toml")] for f in _folder().iterdir() if "@" in f.name)


def _folder() -> Any:
    return resources.files("tracker.pathway") / "protocols"
