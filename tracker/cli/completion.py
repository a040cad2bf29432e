"""`tracker completion`: the script that a shell reads to complete commands, ids and topics."""

import click
from click.shell_completion import get_completion_class

from tracker.cli.render import write


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    bash: eval "$(tracker completion bash)" in ~/.bashrc; fish: tracker completion fish | source
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this version of click completes nothing for {shell}")
    made = kind(ctx.find_root().command, {}, "tracker", "_TRACKER_COMPLETE")
    write((made.source_template % made.source_vars()).encode())
