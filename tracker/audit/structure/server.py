"""How a server has those tables, with what refuses changes."""

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
_REFUSED = (
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() O BEGIN RAISE EXCEPTION"
    " 'the log is append-only: % on % refused', TG_OP, TG_TABLE_NAME; END"
)
_CHECKED = "FOR EACH ROW EXECUTE FUNCTION check_appended() O "
"""Of a trigger that may be there besides: it refuses rows in the name of another login."""
_found = Statement(
    text(
        """
WITH ours AS (
    SELECT oid, relname, relkind FROM pg_class
    WHERE relname IN ('events', 'episodes', 'accesses', 'protocols')
    AND relnamespace = quote_ident(current_schema())::regnamespace
)
SELECT CASE relkind WHEN 'r' THEN 'table' ELSE 'view' END, relname::text, '' FROM ours
UNION ALL
SELECT 'columns', relname, string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'NOT NULL' END), ', ' ORDER BY attnum)
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
GROUP BY relname
UNION ALL
SELECT 'index', indexrelid::regclass::text, concat_ws(' ', relname,
    CASE WHEN indisunique THEN 'unique' END,
    CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'invalid' END,
    (SELECT string_agg(pg_get_indexdef(indexrelid, n, true), ', ' ORDER BY n)
     FROM generate_series(1, indnatts::int) AS n),
    'WHERE ' || pg_get_expr(indpred, indrelid))
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT 'trigger', tgname, concat_ws(' ', pg_get_triggerdef(pg_trigger.oid, true),
    tgenabled::text, prosrc)
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
JOIN pg_proc ON pg_proc.oid = tgfoid
UNION ALL
SELECT 'rule', rulename, relname FROM ours JOIN pg_rewrite ON ev_class = ours.oid
"""
    )
)


def expected() -> Objects:
    """Return what must be there."""
    made = {("index", name): index for name, index in _INDEXES.items()}
    for name in (table.name for table in TABLES):
        made["table", name] = ""
        made["columns", name] = _COLUMNS[name]
        trigger = f"{name}_refuse_change"
        when = f"BEFORE DELETE OR UPDATE OR TRUNCATE ON {name}"
        made["trigger", trigger] = f"CREATE TRIGGER {trigger} {when} {_REFUSED}"
    return {key: normal(sql) for key, sql in made.items()}


def found(conn: Session) -> Objects:
    """Return what is there of those tables."""
    return {
        (kind, name): made
        for kind, name, sql in _found.rows(conn)
        for made in [normal(sql)]
        if not _is_known(kind, name, made)
    }


def _is_known(kind: str, name: str, made: str) -> bool:
    """Whether it may be there or not."""
    return kind == "trigger" and any(
        made.startswith(normal(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} {_CHECKED}"))
        for table in ("events", "accesses")
        if name == f"{table}_check_appended"
    )
