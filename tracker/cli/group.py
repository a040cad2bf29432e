"""The click groups: sub-commands imported when asked for, and every failure put into words."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from tracker.cli import failures, looks, running
from tracker.cli.text import has_surrogate
from tracker.errors import ForbiddenError, StoreError, TrackerError, UsageError
from tracker.nearest import did_you_mean

DISTRIBUTION = "csf-tracker"
INTERRUPTED = 130


@dataclass(frozen=True)
class Lazy:
    """A sub-command that is imported when it is invoked."""

    target: str
    """`module:attribute`."""
    summary: str
    """Its line in the help of the group."""

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


class NounGroup(click.Group):
    """A group that names near words for a sub-command it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the sub-command, or refuse with a hint."""
        name = args[0]
        known = self.list_commands(ctx)
        running.note(ctx, name)
        if name in known or (ctx.token_normalize_func and self.get_command(ctx, name)):
            return super().resolve_command(ctx, args)
        if name.startswith("-"):
            raise click.NoSuchOption(name, ctx=ctx)
        hint = did_you_mean(name, known) or f"{ctx.command_path} --help"
        raise UsageError(f"{ctx.command_path} knows no {name!r}", hint=hint)


class LazyGroup(NounGroup):
    """A group of sub-commands that are not imported to list them."""

    def __init__(self, *args: Any, lazy: Mapping[str, Lazy] | None = None, **kwargs: Any) -> None:
        """Take the sub-commands by name, in the order in which help lists them."""
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the sub-commands."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the sub-command."""
        if cmd_name in self.lazy:
            return self.lazy[cmd_name].load()
        return super().get_command(ctx, cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the sub-commands without importing them, and the options."""
        named = [
            CompletionItem(name, help=entry.summary)
            for name, entry in self.lazy.items()
            if name.startswith(incomplete)
        ]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.lazy.items()])


class TrackerGroup(LazyGroup):
    """The root: runs a command line and ends with an exit code, whatever happens."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error may name what it found, so that is recorded before it is told."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            looks.before_error(error)
            if isinstance(error, ForbiddenError):
                raise _refusal(ctx, error) from error
            if isinstance(error, StoreError):
                _say_unrecorded(ctx, error)
            raise

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; standalone, exit with its code."""
        arguments = list(sys.argv[1:] if args is None else args)

        def run() -> Any:
            return super(TrackerGroup, self).main(
                arguments, "tracker", complete_var, standalone_mode=False, **extra
            )

        if not standalone_mode:
            return run()
        return _exit(_code(arguments, run))


def _refusal(ctx: click.Context, error: ForbiddenError) -> TrackerError:
    """Say which role was refused what."""
    from tracker.cli.rights import refusal

    return refusal(ctx.obj.location, running.words(), error)


def _say_unrecorded(ctx: click.Context, error: StoreError) -> None:
    """Say that nothing was recorded, where somebody may wonder."""
    from tracker.cli.unrecorded import tell

    tell(ctx.obj, error)


def _exit(code: int) -> NoReturn:
    failures.silence_output()
    sys.exit(code)


def _code(arguments: list[str], run: Any) -> int:
    try:
        _tolerant_streams()
        _check(arguments)
        result = run()
        _flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort as error:
        return INTERRUPTED if isinstance(error.__cause__, KeyboardInterrupt) else 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  told to the person, with an exit code
        return _failed(error)


def _failed(error: Exception) -> int:
    try:
        if failures.is_broken_pipe(error):
            return 1
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
            return error.exit_code
        known = failures.translate(error)
        return failures.report(known) if known else failures.unexpected(error)
    except OSError:
        return 1  # not even stderr takes it


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _tolerant_streams() -> None:
    """Write what a terminal's encoding lacks as an escape instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _check(arguments: list[str]) -> None:
    for number, argument in enumerate(arguments, 1):
        if has_surrogate(argument):
            raise UsageError(
                f"argument {number} is not valid UTF-8 text",
                hint="check the terminal's encoding (locale) and type it again",
            )
        if "\0" in argument:
            raise UsageError(f"argument {number} holds a NUL character")


def print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """Print the version of the program and leave."""
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version  # only --version needs it

    try:
        click.echo(f"tracker {version(DISTRIBUTION)}")
    except PackageNotFoundError:
        raise TrackerError("the program is not installed, so it has no version") from None
    ctx.exit()
