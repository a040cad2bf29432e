"""Failures in words: what is wrong, why, the next command; an exit code; never a traceback."""

import errno
import io
import sys
from pathlib import Path
from typing import Any

import click

from tracker.cli.looks import before_output
from tracker.cli.text import visible
from tracker.errors import StoreError, TrackerError, UsageError


def say(message: str) -> None:
    """Talk to the person: one line on stderr, once what is shown is recorded."""
    before_output()
    click.echo(visible(message), err=True)


def report(error: TrackerError) -> int:
    """Tell the person what went wrong and what to do; return the exit code."""
    for line in f"Error: {error.message}".splitlines():
        say(line)
    if error.hint:
        for number, line in enumerate(error.hint.splitlines()):
            say(f"Try: {line}" if number == 0 else f"     {line}")
    return error.exit_code


def translate(error: BaseException) -> TrackerError | None:
    """Return what an error of a library or of the system means to the person."""
    if isinstance(error, TrackerError):
        return error
    if isinstance(error, click.ClickException):
        return _from_click(error)
    if isinstance(error, UnicodeError):
        return UsageError("the input is not valid UTF-8 text", hint="save it as UTF-8")
    if isinstance(error, OSError):
        return _from_system(error)
    return _from_library(error)


def _from_click(error: click.ClickException) -> TrackerError:
    ctx: click.Context | None = getattr(error, "ctx", None)
    hint = f"{ctx.command_path} --help" if ctx is not None else "tracker --help"
    possible: Any = getattr(error, "possibilities", None)
    if isinstance(error, click.NoSuchOption):
        message = f"no such option: {error.option_name}"
        if possible:
            hint = f"did you mean {' or '.join(sorted(possible))}?"
        if ctx is not None and _is_of_root(error.option_name, ctx):
            path = ctx.command_path.removeprefix("tracker ")
            hint = f"it goes before the command: tracker {error.option_name} ... {path} ..."
    else:
        message = error.format_message()
    if isinstance(error, click.UsageError):
        return UsageError(message.rstrip("."), hint=hint)
    return TrackerError(message)


def _is_of_root(option: str, ctx: click.Context) -> bool:
    root = ctx.find_root()
    return ctx is not root and any(option in param.opts for param in root.command.params)


def _from_system(error: OSError) -> TrackerError:
    where = f"{error.filename}: " if error.filename else ""
    why = error.strerror or str(error)
    hint = {
        errno.ENOSPC: "free some space on that disk, then run the command again",
        errno.EROFS: "name a writable directory with --home",
        errno.EACCES: "check who owns it and its mode, or name another with --home",
        errno.EPERM: "check who owns it and its mode, or name another with --home",
    }.get(error.errno or 0, "tracker doctor")
    return StoreError(f"{where}{why}", hint=hint)


def _from_library(error: BaseException) -> TrackerError | None:
    module = type(error).__module__.partition(".")[0]
    if module == "msgspec":
        return UsageError(str(error))
    if module in ("sqlalchemy", "sqlite3", "psycopg"):
        from tracker.store.failures import explain

        return explain(error, None, "the data directory")
    return None


def is_broken_pipe(error: BaseException) -> bool:
    """Whether the reader of our output has gone away."""
    return isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ESHUTDOWN)


def unexpected(error: BaseException) -> int:
    """Tell of a fault of the program itself, with the place it comes from."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        place = f"{Path(file).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    kind = type(error).__name__
    return report(
        TrackerError(
            f"the program has a fault: {kind} at {place}: {str(error)[:200]}",
            hint="run the command again; if it fails again, report this line",
        )
    )


def silence_output() -> None:
    """Let nothing be written any more, so that the interpreter ends without complaint."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            setattr(sys, name, io.StringIO())
