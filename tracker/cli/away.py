"""Why an episode that is not in care stays so although something was recorded."""

from collections.abc import Sequence

from tracker.events import Recorded
from tracker.events.lifecycle import EpisodeClosed, LostToFollowUp, PatientDied, PatientReadmitted
from tracker.history import timeline

AWAY = frozenset({"closed", "lost", "transferred"})
"""Stages of an episode that is not in care."""
_LEFT: dict[str, type[EpisodeClosed | LostToFollowUp]] = {
    "closed": EpisodeClosed,
    "lost": LostToFollowUp,
}


def reason(stage: str, recorded: Sequence[Recorded], history: Sequence[Recorded]) -> str:
    """Return in words why `recorded` left an episode in one of the stages that are away."""
    known = timeline(history)
    if any(_tells_of_death(event) for event in known):
        return "the patient died"
    if stage == "transferred":
        return "only patient-readmitted brings a transferred patient back"
    if any(_brings_back(event) for event in recorded):
        left = max(e.occurred_at for e in known if isinstance(e.data, _LEFT[stage]))
        if all(event.occurred_at <= left for event in recorded):
            return f"this was not after it was {stage}"
    return "nothing clinical is known to have happened since"


def _tells_of_death(event: Recorded) -> bool:
    data = event.data
    return isinstance(data, PatientDied) or (
        isinstance(data, EpisodeClosed) and data.outcome == "died"
    )


def _brings_back(event: Recorded) -> bool:
    return event.data.is_clinical or isinstance(event.data, PatientReadmitted)
