"""`tracker audit`: what was known when, and what changed."""

import click

from tracker.cli.group import Lazy, LazyGroup

COMMANDS = {
    "replay": Lazy("tracker.cli.audit.replay:replay", "An episode step by step."),
    "access": Lazy("tracker.cli.audit.access:access", "Who looked at whom, when and why."),
    "diff": Lazy("tracker.cli.audit.diff:diff", "Two moments of an episode, compared."),
    "verify": Lazy("tracker.cli.audit.verify:verify", "Whether anything was changed."),
    "keygen": Lazy("tracker.cli.audit.checkpoint:keygen", "Make the key that signs checkpoints."),
    "checkpoint": Lazy("tracker.cli.audit.checkpoint:checkpoint", "Sign how far the log goes."),
    "export": Lazy("tracker.cli.audit.export:export", "The record, to be checked elsewhere."),
    "reconcile": Lazy("tracker.cli.audit.reconcile:reconcile", "Reminders sent, against owed."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def audit() -> None:
    """Look back: what was known when, and what changed. Read from the log alone."""
