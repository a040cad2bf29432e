"""Functions that run as the owner: the few things a login needs of what it may not see.

Each names the login by `session_user`, which no login but a superuser's can change.
"""

from typing import NamedTuple


class Function(NamedTuple):
    """A function of the server; `signature` with its arguments' names, `kind` with what it is."""

    name: str
    arguments: str
    returns: str
    body: str
    kind: str = "STABLE"
    language: str = "sql"


_MINE = "SELECT site FROM login_sites WHERE login = session_user"

FUNCTIONS = (
    Function("my_sites", "", "text[]", f"SELECT array({_MINE})"),
    Function(
        "sites_lifted",
        "",
        "boolean",
        "SELECT EXISTS (SELECT FROM site_lifts AS l, pg_stat_get_activity(pg_backend_pid()) AS a"
        " WHERE l.pid = a.pid AND l.started_at = a.backend_start AND l.login = session_user"
        # Else it could be taken back together with its record, by a rollback after reading.
        " AND l.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint)",
    ),
    Function(
        "sees_episode",
        "wanted bigint",
        "boolean",
        "SELECT EXISTS (SELECT FROM worklist AS w WHERE w.episode_key = wanted"
        " AND w.site = ANY (my_sites()))",
    ),
    Function(
        "may_add_to_episode",
        "wanted bigint",
        "boolean",
        "SELECT sees_episode(wanted)"
        " OR NOT EXISTS (SELECT FROM worklist AS w WHERE w.episode_key = wanted)",
    ),
    Function(
        "is_new_episode",
        "wanted bigint",
        "boolean",
        "SELECT NOT EXISTS (SELECT FROM events AS e WHERE e.episode_key = wanted)",
    ),
    Function(
        "count_for_all_sites",
        "",
        "trigger",
        """
        BEGIN
            IF current_user = session_user OR NOT pg_has_role(session_user, TG_ARGV[0], 'MEMBER')
                OR sites_lifted() OR pg_trigger_depth() > 1
            THEN
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
        "advance_only",
        "",
        "trigger",
        """
        BEGIN
            IF NOT pg_has_role(session_user, current_user, 'MEMBER') AND (
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
)
"""Every function that the roles need, each after those that it calls."""
