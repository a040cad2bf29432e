"""Whether anybody is there to be asked."""

import sys


def at_terminal() -> bool:
    """Whether what is asked is seen by somebody who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()
