"""Every clinical event, declared once: topic, fields, units and ranges.

From a declaration come the storage format, the validation, the `tracker record` sub-command, the
JSON schema and the line in the timeline. Adding an event is adding one class.
"""

from tracker.events import findings, imaging, ledger, lifecycle, procedures, treatment
from tracker.events.base import EVENT_TYPES, EventData, Role
from tracker.events.envelope import (
    NewerSchemaError,
    NewEvent,
    Recorded,
    UnknownTopicError,
    data_fields,
    data_from,
    decode,
    encode,
    real_instant,
)

__all__ = [
    "EVENT_TYPES",
    "EventData",
    "NewEvent",
    "NewerSchemaError",
    "Recorded",
    "Role",
    "UnknownTopicError",
    "data_fields",
    "data_from",
    "decode",
    "encode",
    "findings",
    "imaging",
    "ledger",
    "lifecycle",
    "procedures",
    "real_instant",
    "treatment",
]
