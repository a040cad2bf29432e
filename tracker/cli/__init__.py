"""The command line: one module per noun, one grammar, one renderer.

Each sub-command lives in a module of its own that is imported when it is asked for, so that a
command never waits for what it does not use.
"""

import click

from tracker.cli.group import Lazy, TrackerGroup, print_version
from tracker.cli.session import Session, clock

COMMANDS = {
    "init": Lazy("tracker.cli.setup:init", "Create a data directory; again: no change."),
    "config": Lazy("tracker.cli.setup:config", "Show or set where the data is and the defaults."),
    "doctor": Lazy("tracker.cli.doctor:doctor", "Check the installation and the data."),
    "open": Lazy("tracker.cli.opening:open_episode", "Open an episode for a patient."),
    "record": Lazy("tracker.cli.record:record", "Record what happened: one command per event."),
    "correct": Lazy("tracker.cli.amend:correct", "Correct a recorded event."),
    "void": Lazy("tracker.cli.amend:void", "Void an event that was entered in error."),
    "worklist": Lazy("tracker.cli.worklist:worklist", "What is owed, most pressing first."),
    "show": Lazy("tracker.cli.show:show", "How an episode is, or was, and what is owed."),
    "next": Lazy("tracker.cli.show:next_steps", "What is to be done next, and why."),
    "timeline": Lazy("tracker.cli.timeline:timeline", "Every event of an episode."),
    "explain": Lazy("tracker.cli.explain:explain", "Why a stage, reminder or rule is as it is."),
    "find": Lazy("tracker.cli.find:find", "Find episodes by patient, reference or short id."),
    "ack": Lazy("tracker.cli.followup:ack", "Acknowledge a reminder or an alert."),
    "snooze": Lazy("tracker.cli.followup:snooze", "Quiet a reminder until a later time."),
    "waive": Lazy("tracker.cli.followup:waive", "Waive a reminder, for a reason."),
    "assign": Lazy("tracker.cli.followup:assign", "Give an episode to a coordinator."),
    "import": Lazy("tracker.cli.imports:import_", "Import events from JSON Lines."),
    "export": Lazy("tracker.cli.imports:export", "Export events as JSON Lines, or a calendar."),
    "calendar": Lazy("tracker.cli.calendar:calendar", "A coordinator's reminders as iCalendar."),
    "scheduler": Lazy("tracker.cli.scheduler:scheduler", "Issue reminders: run, tick, status."),
    "outbox": Lazy("tracker.cli.outbox:outbox", "What is to be sent, was, or could not be."),
    "channels": Lazy("tracker.cli.channels:channels", "The ways out for messages: list, test."),
    "audit": Lazy("tracker.cli.audit:audit", "Look back, and prove that nothing was changed."),
    "protocol": Lazy("tracker.cli.protocol:protocol", "Protocols: list, compare, try, adopt them."),
    "schema": Lazy("tracker.cli.schema:schema", "The JSON schema of events."),
    "stats": Lazy("tracker.cli.stats:stats", "Counts over all episodes."),
    "projections": Lazy("tracker.cli.projections:projections", "Read models: status, rebuild."),
    "db": Lazy("tracker.cli.db:db", "The database: upgrade, back up, restore, copy."),
    "keys": Lazy("tracker.cli.keys:keys", "Keys of an encrypted tracker: put aside, rotate."),
    "erase": Lazy("tracker.cli.erase:erase", "Erase a patient: nobody can read it again."),
    "demo": Lazy("tracker.cli.demo:demo", "Show it at work on published histories."),
    "completion": Lazy("tracker.cli.completion:completion", "Print the shell completion script."),
}


@click.group(
    cls=TrackerGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 error, 2 usage, 3 not found or ambiguous, 4 refused by a rule, "
    "5 conflict, 6 audit failed.",
)
@click.option(
    "--home",
    metavar="DIR",
    help="Data directory. Default: TRACKER_HOME, else the user data directory.",
)
@click.option(
    "--database",
    metavar="URL",
    help="Database instead of a data directory. Default: TRACKER_DATABASE_URL.",
)
@click.option(
    "--on-behalf-of",
    metavar="NAME",
    help="Who said so; recorded beside the user who types, never instead.",
)
@click.option(
    "--purpose",
    metavar="TEXT",
    help="Why you look; kept in the access log, in clear and for good: name no patient.",
)
@click.option(
    "--break-glass",
    metavar="REASON",
    help="In an emergency see every site, if you are limited to some; it is on record first.",
)
@click.option(
    "--access-database",
    metavar="PLACE",
    help="Database URL or data directory that keeps the access log, when a copy is read. "
    "Default: TRACKER_ACCESS_DATABASE_URL, else the data itself.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Print the version.",
)
@click.pass_context
def main(
    ctx: click.Context,
    home: str | None,
    database: str | None,
    on_behalf_of: str | None,
    purpose: str | None,
    break_glass: str | None,
    access_database: str | None,
) -> None:
    """Track the care of patients with a suspected CSF leak after spine surgery.

    It supports decisions and does not make them: every fact is recorded, and what departs from
    the protocol raises an alert.
    """
    # The demonstration runs commands in its own process at its own time; nothing else can.
    now = ctx.obj or clock
    ctx.obj = Session(
        home, database, on_behalf_of, purpose, access_database, now, glass=break_glass
    )
    ctx.call_on_close(ctx.obj.close)


__all__ = ["COMMANDS", "main"]
