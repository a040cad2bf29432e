"""Functions of the server: the few things a login needs of what it may not see.

Most run as the owner. Each names the login by `session_user`, which no login but a superuser's can
change.
"""

from typing import NamedTuple


class Function(NamedTuple):
    """A function of the server."""

    signature: str
    returns: str
    body: str
    kind: str = "STABLE"
    language: str = "sql"
    runs_as: str = "DEFINER"

    @property
    def name(self) -> str:
        """What it is called, without its arguments."""
        return self.signature.partition("(")[0]


GUARDS = (
    "check_appended()",
    "check_actor()",
    "refuse_change()",
    "count_for_all_sites()",
    "advance_only()",
    "check_admitted()",
    "check_episode()",
)
"""What triggers call: nobody may put them on a table of his own, where they would run for him."""
ALWAYS_THERE = ("events_end()", "accesses_end()", "names_taken(text, text)")
"""What a migration makes, since the program asks for it whether there are roles or not."""
MADE_FOR_ALL = (
    "append_events(bigint[], text[], integer[], text[], bytea[])",
    "event_hash(bytea, bigint, text, bigint, text, bytea)",
    "access_hash(bytea, bigint, bytea)",
    "check_appended()",
    "check_actor()",
    "refuse_change()",
)
"""The same, with the rights of whoever calls it or as a trigger."""
_MINE = "SELECT site FROM login_sites WHERE login = session_user"

FUNCTIONS = (
    Function("my_sites()", "text[]", f"SELECT array({_MINE} ORDER BY site)"),
    Function(
        "my_limit()",
        "text[]",
        # Who has another role besides is not limited by this one.
        "SELECT CASE WHEN every(g.role = 'site_coordinator') THEN my_sites() END"
        " FROM role_groups AS g WHERE pg_has_role(session_user, g.name::name, 'USAGE')",
    ),
    Function(
        "sees_episode(wanted bigint)",
        "boolean",
        "SELECT EXISTS (SELECT FROM worklist AS w JOIN login_sites AS l ON l.site = w.site"
        " WHERE w.episode_key = wanted AND l.login = session_user)",
    ),
    Function(
        "my_tallies()",
        "TABLE (name text, value bigint)",
        # Asked row by row, the policy of a million tallies takes half a minute.
        "SELECT n, count(*) FROM worklist AS w JOIN tallies AS t USING (episode_key)"
        " CROSS JOIN string_to_table(t.names, chr(10)) AS n"
        " WHERE w.site = ANY (my_sites()) GROUP BY n",
    ),
    Function(
        "may_add_to_episode(wanted bigint)",
        "boolean",
        # Else this transaction made it. A key that does not exist yet is nobody's to take.
        "SELECT sees_episode(wanted)"
        " OR NOT EXISTS (SELECT FROM worklist AS w WHERE w.episode_key = wanted)"
        " AND EXISTS (SELECT FROM episodes AS e WHERE e.key = wanted"
        " AND e.xmin = pg_current_xact_id()::xid)",
    ),
    Function(
        "some_unplaced()",
        "boolean",
        # Who is limited is not shown them, nor told how many.
        "SELECT EXISTS (SELECT FROM parked AS p WHERE NOT EXISTS"
        " (SELECT FROM worklist AS w WHERE w.episode_key = p.episode_key))",
    ),
    Function(
        "is_new_episode(wanted bigint)",
        "boolean",
        "SELECT NOT EXISTS (SELECT FROM events AS e WHERE e.episode_key = wanted)",
    ),
    Function(
        "sees_key_of(wanted text)",
        "boolean",
        # The key is made before the episode.
        "SELECT coalesce((SELECT sees_episode(e.key) OR is_new_episode(e.key)"
        " FROM episodes AS e WHERE e.uuid = wanted), true)",
    ),
    Function(
        "patient_key(wanted text)",
        "TABLE (id text, wrapped bytea)",
        # Somebody known elsewhere comes here: there is one key of each patient.
        "BEGIN RETURN QUERY SELECT k.id::text, k.wrapped FROM patient_keys AS k"
        " WHERE k.patient = wanted; END",
        "STABLE",
        "plpgsql",  # not every tracker has the table
    ),
    Function(
        "count_for_all_sites()",
        "trigger",
        """
        BEGIN
            IF current_user = session_user OR my_limit() IS NULL OR pg_trigger_depth() > 1 THEN
                RETURN NEW;
            END IF;
            INSERT INTO counters AS c (name, value) VALUES (NEW.name, NEW.value)
                ON CONFLICT (name) DO UPDATE SET value = c.value + excluded.value;
            DELETE FROM counters WHERE name = NEW.name AND value = 0;
            RETURN NULL;
        END
        """,
        "VOLATILE",
        "plpgsql",
    ),
    Function(
        "advance_only()",
        "trigger",
        """
        BEGIN
            IF NOT pg_has_role(session_user, current_user, 'USAGE') AND (
                NEW.version <> OLD.version OR NEW.position <= OLD.position
                OR NEW.position > (SELECT max(position) FROM events)
            ) THEN
                RAISE EXCEPTION 'the rows only ever follow the log'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END
        """,
        "VOLATILE",
        "plpgsql",
    ),
    Function(
        "check_admitted()",
        "trigger",
        # What checks the row runs as the owner, and before row-level security: it would tell how
        # far an episode is that the login does not see. The words are those of the server.
        """
        BEGIN
            IF row_security_active(TG_RELID) AND my_limit() IS NOT NULL
                AND NOT sites_lifted() AND NOT may_add_to_episode(NEW.episode_key)
            THEN
                RAISE EXCEPTION 'new row violates row-level security policy for table "%"',
                    TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END
        """,
        "VOLATILE",
        "plpgsql",
        runs_as="INVOKER",  # `sites_lifted` does
    ),
    Function(
        "check_episode()",
        "trigger",
        # What is in the table is never taken out. The owner and his members copy and restore.
        """
        BEGIN
            IF pg_has_role(session_user, current_user, 'MEMBER') THEN
                RETURN NULL;
            END IF;
            IF NEW.uuid !~ '^[0-9a-f]{32}$' THEN
                RAISE EXCEPTION 'the episode has no uuid of 32 hexadecimal digits'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF NOT EXISTS (SELECT FROM events AS e WHERE e.episode_key = NEW.key) THEN
                RAISE EXCEPTION 'the episode has no event'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NULL;
        END
        """,
        "VOLATILE",
        "plpgsql",
    ),
)
"""What the roles need, each after those that it calls; see also `glass`."""
