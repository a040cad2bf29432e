"""Checkpoints on their way to whoever keeps them, and which of them went out last."""

from pathlib import Path

from tracker.audit.checkpoint import Signed
from tracker.channels.base import Channel, Message
from tracker.channels.settings import Site
from tracker.errors import StoreError
from tracker.pathway.wording import counted

MARK = ".sent"
"""File beside the checkpoints that holds the name of the one that was sent last."""


def last(directory: Path) -> str | None:
    """Return the name of the checkpoint that was sent last, None if that is not known."""
    try:
        return (directory / MARK).read_bytes().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{directory / MARK} cannot be read: {error.strerror}") from error


def send(signed: Signed, site: Site, channel: Channel, directory: Path) -> None:
    """Send a checkpoint to whoever keeps it, and note that. Raises DeliveryError, StoreError."""
    checkpoint = signed.checkpoint
    words = f"checkpoint of {checkpoint.origin}: {counted(checkpoint.events.size, 'event')}"
    note = signed.note.decode()
    channel.send(
        Message(
            id=signed.name,
            subject=f"{words}, to be kept as {signed.name}",
            body=note,  # and nothing else, so that what is saved of a mail can be verified
            line=f"{words}, {signed.name}",
            to=site.checkpoint.to,
            data={"kind": "checkpoint", "file": signed.name, "note": note},
        )
    )
    try:
        (directory / MARK).write_text(f"{signed.name}\n")
    except OSError as error:
        raise StoreError(f"{directory / MARK} cannot be written: {error.strerror}") from error
