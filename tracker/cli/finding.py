"""The answer of one check of `tracker doctor`."""

from typing import NamedTuple

OK, WARNING, FAILED = "ok", "warning", "failed"
STATES = (OK, WARNING, FAILED)


class Finding(NamedTuple):
    """The answer of one check."""

    check: str
    state: str
    """One of STATES."""
    text: str
    hint: str = ""
