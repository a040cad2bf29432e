"""The access log: who looked at whom, when and why, recorded before it is shown."""

from tracker.access.chain import GENESIS, Link, first_broken, link
from tracker.access.entry import Access
from tracker.access.log import append, end, head, links

__all__ = [
    "GENESIS",
    "Access",
    "Link",
    "append",
    "end",
    "first_broken",
    "head",
    "link",
    "links",
]
