"""Types of columns that mean the same on every database.

Released migrations use them too: what is here never changes.
"""

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.types import TypeEngine

KEY: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; only the bare word INTEGER makes it SQLite's own row key."""

_ON_SERVER = Text(collation="C")
# Texts are ordered by their code points, whatever language a server was set up for: a search by
# beginning is a range. And no text is cut off or refused for its length, since no file does.
TEXT: TypeEngine[str] = Text().with_variant(_ON_SERVER, "postgresql")
"""Text of any length."""


def string(length: int) -> TypeEngine[str]:
    """Return the type of texts that are not meant to be longer."""
    return String(length).with_variant(_ON_SERVER, "postgresql")
