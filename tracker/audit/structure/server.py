"""How a server has those tables, with what refuses changes."""

import hashlib

from sqlalchemy import text

from tracker.audit.structure.file import TABLES, Objects, normal
from tracker.store.statements import Session, Statement

_COLUMNS = {
    "episodes": "key bigint NOT NULL, uuid text NOT NULL",
    "events": "position bigint NOT NULL, episode_key bigint NOT NULL, version integer NOT NULL, "
    "topic text NOT NULL, state bytea NOT NULL, hash bytea NOT NULL",
    "accesses": "position bigint NOT NULL, at bigint NOT NULL, actor text NOT NULL, "
    "episode_key bigint, state bytea NOT NULL, hash bytea NOT NULL",
    "protocols": "name text NOT NULL, text text NOT NULL, hash text NOT NULL, "
    "added_at bigint NOT NULL, actor text NOT NULL",
}
_INDEXES = {
    "episodes_pkey": "episodes unique key",
    "episodes_uuid_key": "episodes unique uuid",
    "events_pkey": "events unique position",
    "uq_events_episode_key_version": "events unique episode_key, version",
    "accesses_pkey": "accesses unique position",
    "ix_accesses_at": "accesses at",
    "ix_accesses_actor": "accesses actor, position",
    "ix_accesses_episode_key": "accesses episode_key, position",
    "protocols_pkey": "protocols unique name",
}
_TRIGGERS = {
    "refuse_change": (
        "BEFORE DELETE OR UPDATE OR TRUNCATE ON {} FOR EACH STATEMENT",
        ("episodes", "events", "accesses", "protocols"),
    ),
    "check_appended": ("BEFORE INSERT ON {} FOR EACH ROW", ("events", "accesses")),
    "check_actor": ("BEFORE INSERT ON {} FOR EACH ROW", ("protocols",)),
}
"""When each function is called, and on which tables."""
_FUNCTIONS = {
    "access_hash(bytea,bigint,bytea)": (
        "15a5cac3c617794ecd891c5794e99183e9b30170137f736c3069daa67e9e300d"
    ),
    "accesses_end()": ("24a72a90674cd8f11c4cf696d0e9dba080a62f36704aea36c40037b3d7501819"),
    "append_events(bigint[],text[],integer[],text[],bytea[])": (
        "37dce5622bb5607968667097f788d2206a65e481437a89fa488eee5d1ed1b605"
    ),
    "check_actor()": ("e51118b1e38febb37129b798f814a523a4a389baf8be387e44969614c5ade315"),
    "check_appended()": ("5e3289f9c526daa9b0f7595fc1c35ee3edb56a5cfa51b3c2d930a67061561911"),
    "event_hash(bytea,bigint,text,bigint,text,bytea)": (
        "3b0cef4df53eb240241613839afd34ce616b746b7b697b8b2f7ad49ea7ab5cef"
    ),
    "events_end()": ("6d303f35622817bec2ecee10fab0ea369bb4b96acee804c992f3a1ad542428a1"),
    "refuse_change()": ("345ffb8f1e8e2c91b7ecb0f58c88b76cd42e2080b41a485b5455dc1e9b553a0b"),
}
"""SHA-256 of the bodies of functions, with single spaces."""
_OF_ROLES = {
    ("trigger", "check_admitted"): (
        "CREATE TRIGGER check_admitted BEFORE INSERT ON events FOR EACH ROW"
        " EXECUTE FUNCTION check_admitted() O"
    ),
    ("trigger", "check_episode"): (
        "CREATE CONSTRAINT TRIGGER check_episode AFTER INSERT ON episodes"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_episode() O"
    ),
    ("function", "check_admitted()"): (
        "47f67ab893eeb43990ec3990ac12ec38d6096d994502ffc811043ce428dd83c2"
    ),
    ("function", "check_episode()"): (
        "b0ae5b09f6dd104b6a7ac47f2c1d5c50c4bff6cad9ab60511ffd469129fc63c7"
    ),
}
"""What is made with the roles, and may be missing: there may be none, or older ones."""
_found = Statement(
    text(
        """
WITH ours AS (
    SELECT oid, relname, relkind FROM pg_class
    WHERE relname IN ('events', 'episodes', 'accesses', 'protocols')
    AND relnamespace = quote_ident(current_schema())::regnamespace
)
SELECT CASE relkind WHEN 'r' THEN 'table' ELSE 'view' END, relname::text, '', '' FROM ours
UNION ALL
SELECT 'columns', relname, string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'NOT NULL' END), ', ' ORDER BY attnum), ''
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
GROUP BY relname
UNION ALL
SELECT 'index', indexrelid::regclass::text, concat_ws(' ', relname,
    CASE WHEN indisunique THEN 'unique' END,
    CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'invalid' END,
    (SELECT string_agg(pg_get_indexdef(indexrelid, n, true), ', ' ORDER BY n)
     FROM generate_series(1, indnatts::int) AS n),
    'WHERE ' || pg_get_expr(indpred, indrelid)), ''
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(pg_trigger.oid, true) || ' ' || tgenabled::text, ''
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
UNION ALL
SELECT 'rule', rulename, relname, '' FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT 'function', oid::regprocedure::text, '', prosrc FROM pg_proc
WHERE proname IN ('refuse_change', 'check_appended', 'check_actor', 'append_events', 'event_hash',
    'access_hash', 'events_end', 'accesses_end', 'check_admitted', 'check_episode')
AND pronamespace = quote_ident(current_schema())::regnamespace
"""
    )
)


def expected(there: Objects) -> Objects:
    """Return what must be there, and of what may be there that which is."""
    made = {("index", name): index for name, index in _INDEXES.items()}
    made |= {("columns", name): columns for name, columns in _COLUMNS.items()}
    made |= {("table", table.name): "" for table in TABLES}
    made |= {("function", name): body for name, body in _FUNCTIONS.items()}
    for function, (when, tables) in _TRIGGERS.items():
        for table in tables:
            name = f"{table}_{function}"
            told = f"CREATE TRIGGER {name} {when.format(table)} EXECUTE FUNCTION {function}() O"
            made["trigger", name] = told
    made |= {key: sql for key, sql in _OF_ROLES.items() if key in there}
    return {key: normal(sql) for key, sql in made.items()}


def found(conn: Session) -> Objects:
    """Return what is there of those tables, and the functions that guard them and append."""
    return {
        (kind, name): normal(f"{made} {_digest(body)}" if body else made)
        for kind, name, made, body in _found.rows(conn)
    }


def _digest(body: str) -> str:
    return hashlib.sha256(" ".join(body.split()).encode()).hexdigest()
