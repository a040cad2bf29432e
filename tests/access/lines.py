"""Command lines for every command, by whether they show somebody."""

from tests.access.planted import BUILT_IN, FIRST

Lines = dict[str, tuple[str, ...]]

SHOWING: Lines = {
    "show": (FIRST,),
    "next": (FIRST,),
    "timeline": (FIRST,),
    "explain": (FIRST,),
    "find": ("MRN",),
    "worklist": (),
    "calendar": ("--mine",),
    "export": ("--all",),
    "stats": (),
    "scheduler tick": ("--dry-run",),
    "scheduler status": (),
    "outbox list": (),
    "outbox show": ("{message}",),
    "outbox retry": ("{message}",),
    "outbox drop": ("{message}", "--reason", "told by phone"),
    "audit replay": (FIRST,),
    "audit diff": (FIRST, "--from", "2026-03-02T08:00Z"),
    "audit access": (),
    "audit reconcile": ("--all",),
    "audit export": (FIRST, "--unsigned", "--out", "{target}"),
    "protocol simulate": ("{protocol}",),
    "projections status": (),
}
"""What shows somebody and appends nothing."""

MORE: Lines = {
    "export of one": ("export", FIRST),
    "calendar of one": ("export", FIRST, "--as", "ics"),
    "find nobody else": ("find", "MRN-PLANTED"),
    "what would move": ("protocol", "adopt", "{protocol}", "--all", "--dry-run"),
    "reminders of one": ("audit", "reconcile", FIRST),
    "access to one": ("audit", "access", "planted-2"),
    "access to a patient": ("audit", "access", "--patient", "MRN-OTHER"),
    "messages given up": ("outbox", "retry", "--dead"),
    "dry run": ("record", "leak-suspected", FIRST, "--dry-run"),
    "other content": ("import", "{other}"),
    "nothing to record": ("assign", FIRST, "anna"),
    "several fit": ("show", "planted"),
    "no such reminder": ("ack", FIRST, "nonsense"),
    "no such event": ("correct", FIRST, "nonsense", "--set", "note=x", "--reason", "y"),
    "an open episode": ("open", "--patient", "MRN-PLANTED"),
    "a reference that is taken": ("open", "--patient", "MRN-NEW", "--reference", FIRST),
}
"""What else shows somebody: other ways to ask, and what is refused with words about somebody."""

WRITING: Lines = {
    "open": ("--patient", "MRN-OTHER", "--another", "second operation"),
    "record": ("headache-assessed", FIRST, "--posture", "orthostatic"),
    "correct": (FIRST, "last", "--set", "basis=x", "--reason", "typing error"),
    "void": (FIRST, "last", "--reason", "other patient"),
    "ack": (FIRST, "early-review"),
    "snooze": (FIRST, "early-review", "--until", "+24h", "--reason", "called"),
    "waive": (FIRST, "early-review", "--reason", "moved away"),
    "assign": (FIRST, "ben"),
    "import": ("{new}",),
    "protocol adopt": (FIRST, "{protocol}", "--reason", "agreed", "--yes"),
}
"""What appends an event, which says who did it and when."""

SHOWN_BEFORE = frozenset({"protocol adopt"})
"""Of these, what shows somebody before it appends: that is a look, whatever comes of it."""

SILENT: Lines = {
    "init": (),
    "config": (),
    "doctor": (),
    "channels list": (),
    "channels test": ("gone",),
    "protocol list": (),
    "protocol show": (BUILT_IN,),
    "protocol diff": (BUILT_IN, BUILT_IN),
    "protocol add": ("none.toml",),
    "schema": ("leak-suspected",),
    "projections rebuild": (),
    "completion": ("bash",),
    "audit verify": (),
    "audit keygen": ("--name", "ward", "--out", "{target}"),
    "audit checkpoint": ("--key", "{target}"),
    "keys status": (),
    "keys backup": ("keys.json",),
    "keys restore": ("keys.json",),
    "keys rotate": ("--to", "file:new.key"),
    "db upgrade": (),
    "db roles": (),
    "db backup": ("{target}",),
    "db restore": ("{target}",),
    "db restored": (),
    "db copy": ("{target}", "{target}"),
}
"""What shows nobody."""

APART = {
    "scheduler run": "it runs until it is stopped; what it prints was issued, and so is on record",
    "erase": "it appends an event to every episode that it shows, in an encrypted tracker alone",
    "demo": "it shows published histories in a directory of its own",
}
"""What is not run here, and why it need not be."""
