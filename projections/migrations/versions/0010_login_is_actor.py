"""On a server, let nobody but the owner append in another's name or out of order."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LOGS = ("events", "accesses")
"""What is appended to, position by position, each row with its actor."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return  # the mode of a file is all that it knows of who may do what
    for table in LOGS:
        _end(table)
    _names_taken()
    _check()
    # Nobody is to have it run, as the owner, for a table of his own.
    op.execute("REVOKE ALL ON FUNCTION check_appended() FROM PUBLIC")
    for table in LOGS:
        op.execute(
            f"CREATE OR REPLACE TRIGGER {table}_check_appended BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION check_appended()"
        )


def _define(signature: str, body: str, language: str = "sql", kind: str = "STABLE") -> None:
    """Make a function that runs as the owner, whatever its caller has put before our tables."""
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(
        f"CREATE OR REPLACE FUNCTION {signature} LANGUAGE {language} {kind} SECURITY DEFINER"
        f" SET search_path = pg_catalog, {schema}, pg_temp AS $$ {body} $$"
    )


def _end(table: str) -> None:
    """Who appends needs the end of a log, also where he may not see the last row."""
    _define(
        f"{table}_end(OUT last bigint, OUT hash bytea)",
        f"SELECT position, hash FROM {table} ORDER BY position DESC LIMIT 1",  # noqa: S608
    )


def _names_taken() -> None:
    """Names are of one episode alone, also where who opens another one may not see it."""
    _define(
        "names_taken(wanted text, short text, OUT reference boolean, OUT short_id boolean)",
        "SELECT EXISTS (SELECT FROM episode_index AS i WHERE i.reference = wanted),"
        " EXISTS (SELECT FROM episode_index AS i WHERE i.short_id = short)",
    )


def _check() -> None:
    """Refuse a row that is not the next one, or that somebody else is to have written.

    The owner and his members are free: they import, copy and restore. Sealed bytes tell no actor,
    and where nothing is sealed there are none.
    """
    _define(
        "check_appended() RETURNS trigger",
        """
        DECLARE
            last bigint;
            said text := session_user;
        BEGIN
            IF pg_has_role(session_user, current_user, 'MEMBER') THEN
                RETURN NEW;
            END IF;
            EXECUTE format('SELECT coalesce(max(position), 0) FROM %I.%I',
                TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO last;
            IF NEW.position IS DISTINCT FROM last + 1 THEN
                RAISE EXCEPTION 'position % is not the next one', NEW.position
                    USING ERRCODE = 'unique_violation', TABLE = TG_TABLE_NAME;
            END IF;
            IF TG_TABLE_NAME = 'accesses' THEN
                said := NEW.actor;
            ELSIF substring(NEW.state FROM 1 FOR 1) = '\\x01'
                AND EXISTS (SELECT FROM encryption)
            THEN
                RETURN NEW;
            END IF;
            IF said IS DISTINCT FROM session_user
                OR convert_from(NEW.state, 'UTF8')::json ->> 'actor' IS DISTINCT FROM session_user
            THEN
                RAISE EXCEPTION 'the actor is not the login %', session_user
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END
        """,
        "plpgsql",
        "VOLATILE",
    )
