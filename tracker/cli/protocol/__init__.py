"""`tracker protocol`: versions of the protocol, and what another one would change."""

import click

from tracker.cli.group import Lazy, LazyGroup

_HERE = "tracker.cli.protocol"
COMMANDS = {
    "list": Lazy(f"{_HERE}.known:list_", "The versions that are known here."),
    "show": Lazy(f"{_HERE}.known:show", "One version."),
    "diff": Lazy(f"{_HERE}.known:diff", "In which values two versions differ."),
    "add": Lazy(f"{_HERE}.known:add", "Keep a site's own version."),
    "simulate": Lazy(f"{_HERE}.simulate:simulate", "What another version would change."),
    "adopt": Lazy(f"{_HERE}.adopt:adopt", "Judge episodes by another version from now on."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def protocol() -> None:
    """Versions of the protocol. A version never changes; a site adds its own."""
