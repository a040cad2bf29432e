"""Alert rules, one entry each: the check, and what it says when it is not raised (section 6)."""

from tracker.pathway.rules import danger, drugs, follow_up, imaging, interventions, patch
from tracker.pathway.rules.registry import AFTER, BEFORE, JUDGES, RULES, STANDING

__all__ = [
    "AFTER",
    "BEFORE",
    "JUDGES",
    "RULES",
    "STANDING",
    "danger",
    "drugs",
    "follow_up",
    "imaging",
    "interventions",
    "patch",
]
