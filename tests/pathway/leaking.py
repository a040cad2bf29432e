"""An episode with an active leak, and the words in which the tests of rules continue it."""

from tests.pathway.histories import at, status, when
from tracker.pathway import Protocol, builtin_protocol, parse_protocol

SURGERY = at("2026-02-01 08:00", "surgery-performed", id="op", level="L4-L5")
HEADACHE = at("2026-02-01 20:00", "headache-assessed", id="h", posture="orthostatic")
START = at("2026-02-01 22:00", "conservative-management-started", id="c")
LEAKING = [*SURGERY, *HEADACHE, *START]
DUE = when("2026-02-04 22:00")
LATER = "2026-02-20 08:00"
PATCHES = [
    ("blood-patch-performed", {}),
    ("targeted-patch-performed", {"site": "L4"}),
    ("aspiration-performed", {"with_patch": True}),
]


def patch(time, **fields):
    """Return a blood patch."""
    return at(time, "blood-patch-performed", id="patch", **fields)


def order(time, **fields):
    """Return an order of a blood patch."""
    return at(time, "blood-patch-ordered", id="order", **fields)


def finding(time, **fields):
    """Return a headache assessment."""
    return at(time, "headache-assessed", **fields)


def raised(events, now, rule):
    """Return the alerts of a rule at an instant, active or over."""
    return [a for a in status(events, now).alerts if a.rule == rule]


def one(events, now, rule):
    """Return the only alert of a rule."""
    (alert,) = raised(events, now, rule)
    return alert


def site(*lines, **settings) -> Protocol:
    """Return a site's version of the protocol: other settings, and lines of further tables."""
    head = [f'base = "{builtin_protocol().name}"', 'id = "site"', 'version = "1"', "[settings]"]
    head += [f"{name} = {str(value).lower()}" for name, value in settings.items()]
    return parse_protocol("\n".join([*head, *lines]), builtin_protocol)
