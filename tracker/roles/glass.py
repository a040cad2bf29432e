"""Breaking the glass: every site for one connection, and a record that cannot be left out."""

from tracker.access.log import LOCK
from tracker.roles.functions import Function

LONGEST = 200
"""Characters of a reason."""
REFUSED = "22023"
"""What the server says to who is limited to no sites, or gives no reason."""
WHITE = (
    *range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
    0x202F, 0x205F, 0x3000,
)  # fmt: skip
"""The code points of white space, of which nobody can make a reason.

What a server takes for white space depends on its language.
"""

_BODY = f"""
DECLARE
    taken timestamptz := clock_timestamp();
    place bigint;
    previous bytea;
    said bytea;
    white text := (SELECT string_agg(chr(n), '') FROM unnest(ARRAY{list(WHITE)}) AS n);
    reason text := btrim(why, white);
BEGIN
    IF my_limit() IS NULL THEN
        RAISE EXCEPTION 'this login is limited to no sites' USING ERRCODE = '{REFUSED}';
    END IF;
    IF why IS NULL OR length(reason) NOT BETWEEN 1 AND {LONGEST}
        OR command IS NULL OR length(command) > {LONGEST} OR length(whose) > {LONGEST}
        OR started IS NULL
    THEN
        RAISE EXCEPTION 'a reason has 1 to {LONGEST} characters' USING ERRCODE = '{REFUSED}';
    END IF;
    said := convert_to(
        '{{"at":' || to_json(to_char(taken AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        || ',"actor":' || to_json(session_user::text) || ',"command":' || to_json(command)
        || coalesce(',"on_behalf_of":' || to_json(whose), '')
        || ',"break_glass":' || to_json(reason) || '}}', 'UTF8');
    PERFORM pg_advisory_xact_lock({LOCK});
    SELECT coalesce(last, 0) + 1, hash INTO place, previous FROM accesses_end();
    INSERT INTO accesses (position, at, actor, episode_key, state, hash) VALUES (
        place, (extract(epoch FROM taken) * 1000000)::bigint, session_user, NULL, said,
        access_hash(previous, place, said));
    DELETE FROM site_lifts WHERE pid = pg_backend_pid();
    INSERT INTO site_lifts (pid, started_at, login, access, transaction) VALUES (
        pg_backend_pid(), started, session_user, place, pg_current_xact_id()::text::bigint);
    PERFORM set_config('tracker.break_glass', place::text, false);
    RETURN place;
END
"""  # noqa: S608 (what is put in stands in this program)

GLASS = (
    Function(
        "is_lifted(started timestamptz)",
        "boolean",
        "SELECT EXISTS (SELECT FROM site_lifts AS l WHERE l.pid = pg_backend_pid()"
        " AND l.started_at = started AND l.login = session_user"
        # A pooler that gives the connection to somebody else resets it.
        " AND l.access::text = current_setting('tracker.break_glass', true)"
        # Before that a rollback could still take the record back.
        " AND pg_xact_status(l.transaction::text::xid8) = 'committed')",
    ),
    Function(
        "sites_lifted()",
        "boolean",
        # Only who asks is told when his own connection began, so this runs as who asks.
        "SELECT is_lifted((SELECT a.backend_start FROM pg_stat_activity AS a"
        " WHERE a.pid = pg_backend_pid()))",
        runs_as="INVOKER",
    ),
    Function(
        "break_glass(why text, command text, whose text, started timestamptz)",
        "bigint",
        _BODY,
        "VOLATILE",
        "plpgsql",
    ),
)
"""Records that a limited login lifts its limit and why, and lifts it, in one transaction.

`started` is when the connection began, which tells it from a later one of the same process number.
"""
