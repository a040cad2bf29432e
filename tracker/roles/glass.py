"""Breaking the glass: every site for one connection, and a record that cannot be left out."""

from tracker.access.chain import GENESIS
from tracker.access.log import LOCK
from tracker.roles.functions import Function

LONGEST = 200
"""Characters of a reason."""

_BODY = f"""
DECLARE
    taken timestamptz := clock_timestamp();
    place bigint;
    previous bytea;
    said bytea;
BEGIN
    IF NOT EXISTS (SELECT FROM role_groups AS g WHERE g.role = 'site_coordinator'
        AND pg_has_role(session_user, g.name, 'MEMBER'))
        OR pg_has_role(session_user, current_user, 'MEMBER')
    THEN
        RAISE EXCEPTION 'this login is limited to no sites' USING ERRCODE = 'GLASS';
    END IF;
    IF why IS NULL OR length(btrim(why)) NOT BETWEEN 1 AND {LONGEST}
        OR command IS NULL OR length(command) > {LONGEST} OR length(whose) > {LONGEST}
    THEN
        RAISE EXCEPTION 'a reason has 1 to {LONGEST} characters' USING ERRCODE = 'GLASS';
    END IF;
    said := convert_to(json_strip_nulls(json_build_object(
        'at', to_char(taken AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'actor', session_user, 'command', command, 'on_behalf_of', whose,
        'break_glass', btrim(why)))::text, 'UTF8');
    PERFORM pg_advisory_xact_lock({LOCK});
    SELECT coalesce(last, 0) + 1, coalesce(hash, '\\x{GENESIS.hex()}') INTO place, previous
        FROM accesses_end();
    INSERT INTO accesses (position, at, actor, episode_key, state, hash) VALUES (
        place, extract(epoch FROM taken) * 1000000, session_user, NULL, said,
        sha256('\\x00000020'::bytea || previous || '\\x00000008'::bytea || int8send(place)
            || int4send(length(said)) || said));
    DELETE FROM site_lifts WHERE pid = pg_backend_pid();
    INSERT INTO site_lifts (pid, started_at, login, access, transaction)
        SELECT a.pid, a.backend_start, session_user, place, pg_current_xact_id()::text::bigint
        FROM pg_stat_get_activity(pg_backend_pid()) AS a;
    RETURN place;
END
"""  # noqa: S608 (what is put in stands in this program)

BREAK_GLASS = Function(
    "break_glass", "why text, command text, whose text", "bigint", _BODY, "VOLATILE", "plpgsql"
)
"""Records that a limited login lifts its limit and why, and lifts it: in one transaction."""
