"""The pathway: pure functions from a timeline, a protocol and an instant to a status."""

from tracker.pathway.evaluate import evaluate, protocol_name
from tracker.pathway.protocol import (
    DEFAULT,
    Protocol,
    ProtocolError,
    builtin_names,
    builtin_protocol,
    parse_protocol,
)
from tracker.pathway.status import Alert, Reminder, Status, Step

__all__ = [
    "DEFAULT",
    "Alert",
    "Protocol",
    "ProtocolError",
    "Reminder",
    "Status",
    "Step",
    "builtin_names",
    "builtin_protocol",
    "evaluate",
    "parse_protocol",
    "protocol_name",
]
