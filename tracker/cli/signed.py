"""Checkpoints that are named at the command line, and the keys that are trusted for them."""

import os
from typing import TYPE_CHECKING

import click

from tracker.cli.failures import say
from tracker.cli.session import Session
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.audit.checkpoint import Signed
    from tracker.audit.faults import Fault

checkpoint_option = click.option(
    "--checkpoint",
    "checkpoints",
    metavar="PATH",
    multiple=True,
    help="Against a checkpoint, or a directory of them; may be repeated.",
)
public_key_option = click.option(
    "--public-key",
    "public_keys",
    metavar="FILE",
    multiple=True,
    help="The key that signed, or its file; may be repeated. Default: the one that signs here.",
)


def signed(
    session: Session, paths: tuple[str, ...], keys: tuple[str, ...]
) -> "tuple[list[Signed], list[Fault]]":
    """Read the checkpoints that are named, the oldest first, and say which are none.

    Raises UsageError when no key is trusted, NotFoundError for a path with no checkpoint.
    """
    from tracker.audit import kept
    from tracker.audit.keys import public_keys

    if not paths:
        if keys:
            raise UsageError("--public-key is for checkpoints", hint="--checkpoint PATH")
        return [], []
    trusted = public_keys(keys, session.location, os.environ)
    if not keys:
        say("Trusting the public key of this machine; an auditor brings one with --public-key.")
    return kept.load(kept.named(paths), trusted)
