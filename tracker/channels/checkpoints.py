"""What a site may set about checkpoints: the table `[checkpoint]`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tracker.channels.options import Text
from tracker.channels.secret import Reference
from tracker.errors import UsageError

_PLACE = "checkpoint"


class Checkpoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often the log is signed, by which key, and where the checkpoints go."""

    every_minutes: Annotated[int, Meta(ge=1, le=10_080, extra={"unit": "min"})] | None = None
    """How often the scheduler signs; absent: never."""
    key_file: Text | None = None
    """The private key that `tracker audit keygen` made."""
    key_env: Text | None = None
    directory: Text | None = None
    """Where checkpoints are kept; the last of them is what the next must be an extension of."""
    channel: Text | None = None
    """By which channel each goes out, too."""
    to: Text | None = None
    """To which address, for channels that take one."""

    def check(self) -> None:
        """Raise UsageError, naming the place, for what cannot be together."""
        if self.key_file is not None and self.key_env is not None:
            raise UsageError(f"{_PLACE}: give key_file or key_env, not both")
        if self.every_minutes is not None and self.directory is None:
            raise UsageError(
                f"{_PLACE}: every_minutes needs a directory",
                hint="a directory outside the data, on another machine if you can",
            )

    def secret(self, directory: Path, environ: Mapping[str, str]) -> str | None:
        """Return the private key as it is written, None if none is named. Raises UsageError."""
        if self.key_file is None and self.key_env is None:
            return None
        return Reference(f"{_PLACE}.key", self.key_env, self.key_file).read(directory, environ)
