"""`tracker db`: the database as a whole."""

import click

from tracker.cli.group import Lazy, LazyGroup

COMMANDS = {
    "upgrade": Lazy("tracker.cli.db.upgrade:upgrade", "Bring the tables up to date."),
    "backup": Lazy("tracker.cli.db.backup:backup", "All that it holds in a new file."),
    "restore": Lazy("tracker.cli.db.restore:restore", "A tracker from such a file."),
    "restored": Lazy("tracker.cli.db.restore:restored", "Say that it was restored otherwise."),
    "copy": Lazy("tracker.cli.db.copy:copy", "A tracker in another place."),
    "roles": Lazy("tracker.cli.db.roles:roles", "Who may do what on a server."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def db() -> None:
    """Upgrade, back up, restore and move the database as a whole."""
