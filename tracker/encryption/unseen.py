"""Keys of patients whom whoever works does not see, being limited to some sites of a server."""

from sqlalchemy import Connection, LargeBinary, String, column, func, select

Stored = tuple[str, bytes]
"""Id of a key, and the key as it is wrapped."""


def key_of(conn: Connection, owner: str) -> Stored | None:
    """Return the key of a patient who comes from another site; None where nobody is unseen."""
    if conn.dialect.name != "postgresql" or not conn.scalar(select(func.to_regproc("patient_key"))):
        return None
    columns = column("id", String), column("wrapped", LargeBinary)
    row = conn.execute(select(*columns).select_from(func.patient_key(owner))).first()
    return None if row is None else (row[0], row[1])
