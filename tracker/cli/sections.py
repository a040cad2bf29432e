"""Columns of what is shown of an episode: next steps, reminders, alerts, events."""

from tracker.cli.column import Column

STEPS = [
    Column("text", "Next step", "told"),
    Column("owner", "Who"),
    Column("due_at", "Due", "time"),
    Column("rule", "Rule"),
    Column("source", "Source"),
]
REMINDERS = [
    Column("kind", "Reminder"),
    Column("status", "Status", "state"),
    Column("opens_at", "Opens", "time"),
    Column("due_at", "Due", "time"),
    Column("remark", "Remark"),
    Column("source", "Source"),
]
ALERTS = [
    Column("rule", "Alert"),
    Column("severity", "Severity", "state"),
    Column("since", "Since", "time"),
    Column("text", "What", "told"),
    Column("acknowledged_by", "Seen by"),
    Column("source", "Source"),
]
EVENTS = [
    Column("occurred_at", "When", "time"),
    Column("event", "Event"),
    Column("summary", "What"),
    Column("remark", "Remark"),
    Column("actor", "Who"),
    Column("on_behalf_of", "For"),
    Column("recorded_at", "Recorded", "time"),
    Column("name", "Id"),
    Column("id", "id", csv_only=True),
    Column("data", "Data", csv_only=True),
    Column("voided_by", "Voided by", csv_only=True),
    Column("corrected_by", "Corrected by", "list", csv_only=True),
]
