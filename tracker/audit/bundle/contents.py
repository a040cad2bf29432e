"""What a bundle says of itself, and which files are in it."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tracker.decoding import decode
from tracker.escapes import escaped

FORMAT = "tracker-audit-bundle 1"
ABOUT = "bundle.json"
EVENTS = "events.jsonl"
LOOKS = "accesses.jsonl"
PROOFS = "proofs.jsonl"
KEYS = "keys.jsonl"
PROTOCOLS = "protocols.jsonl"
PROTOCOL_TEXTS = "protocols"
CHECKPOINTS = "checkpoints"
PUBLIC_KEY = "public-key.txt"
PUBLIC_KEY_PEM = "public-key.pem"
VERIFIER = "verify_audit.py"
README = "README.txt"

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not JSON of the kind that is wanted."""
Size = Annotated[int, Meta(ge=0, le=10**17)]
Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Episode = Annotated[
    str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
]


class Chain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chain as it was when the bundle was made."""

    size: Size
    head: Hash
    """Hash of the last link, in hexadecimal."""
    tree: Hash
    """Root of the tree over the hashes of all links, in hexadecimal."""
    included: Size
    """How many links are in the bundle."""


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bundle says of itself."""

    format: str
    origin: str | None
    """Name of the key that signed it, None if it is not signed."""
    made_at: str
    episode: Episode | None
    """UUID of the one episode that is in it; None: everything."""
    events: Chain
    accesses: Chain

    def written(self) -> bytes:
        """Return it as it is in the file."""
        return escaped(msgspec.json.format(msgspec.json.encode(self), indent=2)) + b"\n"


def read_about(folder: Path) -> About | None:
    """Read what a bundle says of itself, None if it does not in a form that is known."""
    try:
        raw = (folder / ABOUT).read_bytes()
        about = decode(raw, About)
    except (OSError, *UNREADABLE):
        return None
    return about if about.format == FORMAT and about.written() == raw else None
