"""What a finding says, whatever kind of event it came as."""

from dataclasses import dataclass

from tracker.events import Recorded
from tracker.events.findings import (
    HeadacheAssessed,
    LeakSuspected,
    ReboundHeadacheDiagnosed,
    ReviewCompleted,
    SymptomsRecorded,
    TreatmentOutcomeRecorded,
    WoundExamined,
)
from tracker.pathway.settings import Settings

SUSPECT_NOT_ALONE = frozenset({"constipation", "fever", "chills", "malaise", "sepsis"})
"""Symptoms that by themselves raise no suspicion of a leak."""

_UNSPECIFIC = (None, "unknown")


@dataclass(slots=True, frozen=True)
class Report:
    """One finding in the pathway's own words."""

    posture: str | None = None
    """A posture that was found; None when unknown or not recorded."""
    headache: bool = False
    """It reports a headache."""
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    trend: str | None = None
    severity: float | None = None
    location: tuple[str, ...] = ()
    outcome: str | None = None
    """resolved, improved or persistent: an outcome in the words of a review."""
    clear_drainage: bool = False
    rebound: bool = False
    eased: bool = False
    """It names the headache improved."""
    suspicious: bool = False
    """By itself it makes a leak suspected."""

    @property
    def worsening_headache(self) -> bool:
        """It says that the headache got worse."""
        return self.headache and self.trend == "worsening"

    @property
    def ends_worsening(self) -> bool:
        """It says that the headache no longer gets worse."""
        steady = self.headache and self.trend in ("improved", "unchanged")
        return steady or self.eased or "headache" in self.absent or self.outcome is not None

    @property
    def pattern_unknown(self) -> bool:
        """A headache or an outcome of which the pattern must be asked for."""
        return (
            self.posture is None
            and not self.rebound
            and (self.headache or self.outcome == "persistent")
        )


NOTHING = Report()


def report_of(event: Recorded, settings: Settings) -> Report:
    """Return what the event says about the patient; nothing for most events."""
    data = event.data
    if isinstance(data, HeadacheAssessed):
        return _headache(data)
    if isinstance(data, SymptomsRecorded):
        return _symptoms(data, settings)
    if isinstance(data, WoundExamined):
        clear = data.drainage == "clear"
        seen = clear or "yes" in (data.collection, data.bulging)
        return Report(clear_drainage=clear, suspicious=seen)
    if isinstance(data, ReviewCompleted):
        return _outcome(data.outcome)
    if isinstance(data, TreatmentOutcomeRecorded):
        return _outcome(_AS_REVIEW.get(data.outcome or ""))
    if isinstance(data, ReboundHeadacheDiagnosed):
        return Report(rebound=True, headache=True, present=("headache",), suspicious=True)
    if isinstance(data, LeakSuspected):
        return Report(suspicious=True)
    return NOTHING


_AS_REVIEW = {"complete": "resolved", "partial": "improved", "none": "persistent"}


def _outcome(outcome: str | None) -> Report:
    if outcome == "worse":
        return Report(
            outcome="persistent",
            headache=True,
            present=("headache",),
            trend="worsening",
            suspicious=True,
        )
    if outcome in ("resolved", "improved", "persistent"):
        return Report(outcome=outcome)
    return NOTHING


def _headache(data: HeadacheAssessed) -> Report:
    headache = data.posture != "none"
    named = ("headache", *data.associated) if headache else data.associated
    severity = data.severity_nrs
    if severity is None:
        parts = (data.severity_upright_nrs, data.severity_supine_nrs)
        severity = max((p for p in parts if p is not None), default=None)
    return Report(
        posture=None if data.posture in _UNSPECIFIC else data.posture,
        headache=headache,
        present=named,
        absent=() if headache else ("headache",),
        trend=data.trend,
        severity=severity,
        location=data.location,
        suspicious=any(s not in SUSPECT_NOT_ALONE for s in named),
    )


def _symptoms(data: SymptomsRecorded, settings: Settings) -> Report:
    posture = data.posture
    headache = "headache" in data.present or posture not in (None, "none")
    present, absent = list(data.present), list(data.absent)
    if headache and "headache" not in present:
        present.append("headache")
    if posture == "none" and "headache" not in absent:
        absent.append("headache")
    if data.temperature_c is not None:
        fever = data.temperature_c >= settings.fever_c
        (present if fever else absent).append("fever")
    return Report(
        posture=None if posture in _UNSPECIFIC else posture,
        headache=headache,
        present=tuple(present),
        absent=tuple(s for s in absent if s not in present),
        trend=data.trend,
        severity=data.severity_nrs,
        eased="headache" in data.improved,
        suspicious=any(s not in SUSPECT_NOT_ALONE for s in present),
    )
