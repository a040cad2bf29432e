"""On a server, let nobody but the owner break a chain, or store a protocol in another's name."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return  # the mode of a file is all that it knows of who may do what
    _hashes()
    _append()
    _check_appended()
    _check_actor()
    op.execute("REVOKE ALL ON FUNCTION check_actor() FROM PUBLIC")
    op.execute(
        "CREATE OR REPLACE TRIGGER protocols_check_actor BEFORE INSERT ON protocols"
        " FOR EACH ROW EXECUTE FUNCTION check_actor()"
    )


def _hashes() -> None:
    """Make what appends and checks share; see tracker.store.chain and tracker.access.chain."""
    op.execute(
        """
        CREATE OR REPLACE FUNCTION event_hash(
            previous bytea, place bigint, uuid text, version bigint, topic text, state bytea
        ) RETURNS bytea LANGUAGE sql STABLE AS $$
            SELECT sha256(
                int4send(32) || coalesce(previous, decode(repeat('00', 32), 'hex'))
                || int4send(8) || int8send(place) || int4send(16) || decode(uuid, 'hex')
                || int4send(8) || int8send(version)
                || int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
                || int4send(octet_length(state)) || state
            )
        $$
        """
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION access_hash(previous bytea, place bigint, state bytea)
        RETURNS bytea LANGUAGE sql STABLE AS $$
            SELECT sha256(
                int4send(32) || coalesce(previous, sha256('tracker access log v1'))
                || int4send(8) || int8send(place) || int4send(octet_length(state)) || state
            )
        $$
        """
    )


def _append() -> None:
    op.execute(
        """
        CREATE OR REPLACE FUNCTION append_events(
            keys bigint[], uuids text[], versions integer[], topics text[], states bytea[]
        ) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            place bigint;
            previous bytea;
        BEGIN
            PERFORM pg_advisory_xact_lock(32776859903812978);
            SELECT last, hash INTO place, previous FROM events_end();
            place := coalesce(place, 0);
            FOR i IN 1 .. cardinality(keys) LOOP
                place := place + 1;
                previous := event_hash(
                    previous, place, uuids[i], versions[i], topics[i], states[i]
                );
                INSERT INTO events (position, episode_key, version, topic, state, hash)
                    VALUES (place, keys[i], versions[i], topics[i], states[i], previous);
                IF NOT FOUND THEN  -- a trigger may pass over a row without a word
                    RAISE EXCEPTION 'an event is not kept' USING ERRCODE = 'no_data_found';
                END IF;
            END LOOP;
            RETURN place;
        END $$
        """
    )


def _guard(signature: str, body: str) -> None:
    """Make a trigger's function that runs as the owner, who and whose members pass it."""
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS trigger LANGUAGE plpgsql VOLATILE"
        f" SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$ {body} $$"
    )


def _check_appended() -> None:
    """Refuse a row that does not follow the last one, or that somebody else is to have written.

    Sealed bytes tell no actor, and where nothing is sealed there are none.
    """
    _guard(
        "check_appended()",
        """
        DECLARE
            place bigint;
            previous bytea;
            hash bytea;
            told json;
            said text := session_user;
        BEGIN
            IF pg_has_role(session_user, current_user, 'MEMBER') THEN
                RETURN NEW;
            END IF;
            IF TG_TABLE_NAME = 'accesses' THEN
                SELECT a.position, a.hash INTO place, previous
                    FROM accesses AS a ORDER BY a.position DESC LIMIT 1;
                hash := access_hash(previous, NEW.position, NEW.state);
                said := NEW.actor;
            ELSE
                SELECT e.position, e.hash INTO place, previous
                    FROM events AS e ORDER BY e.position DESC LIMIT 1;
                hash := event_hash(previous, NEW.position,
                    (SELECT e.uuid FROM episodes AS e WHERE e.key = NEW.episode_key),
                    NEW.version, NEW.topic, NEW.state);
                IF NEW.version IS DISTINCT FROM (SELECT coalesce(max(e.version), 0) + 1
                    FROM events AS e WHERE e.episode_key = NEW.episode_key)
                THEN
                    RAISE EXCEPTION 'version % is not the next one', NEW.version
                        USING ERRCODE = 'unique_violation', TABLE = TG_TABLE_NAME;
                END IF;
            END IF;
            IF NEW.position IS DISTINCT FROM coalesce(place, 0) + 1 THEN
                RAISE EXCEPTION 'position % is not the next one', NEW.position
                    USING ERRCODE = 'unique_violation', TABLE = TG_TABLE_NAME;
            END IF;
            IF NEW.hash IS DISTINCT FROM hash THEN
                RAISE EXCEPTION 'the hash does not fit what is to be stored'
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF TG_TABLE_NAME = 'events' AND substring(NEW.state FROM 1 FOR 1) = '\\x01'
                AND EXISTS (SELECT FROM encryption)
            THEN
                RETURN NEW;
            END IF;
            told := convert_from(NEW.state, 'UTF8')::json;
            IF said IS DISTINCT FROM session_user
                OR told ->> 'actor' IS DISTINCT FROM session_user
            THEN
                RAISE EXCEPTION 'the actor is not the login %', session_user
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF TG_TABLE_NAME = 'accesses' THEN
                IF NEW.at IS DISTINCT FROM
                        (extract(epoch FROM (told ->> 'at')::timestamptz) * 1000000)::bigint
                    OR (told ->> 'episode')::uuid IS DISTINCT FROM
                        (SELECT e.uuid::uuid FROM episodes AS e WHERE e.key = NEW.episode_key)
                THEN
                    RAISE EXCEPTION 'the columns do not say what is hashed'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
            END IF;
            RETURN NEW;
        END
        """,
    )


def _check_actor() -> None:
    _guard(
        "check_actor()",
        """
        BEGIN
            IF NEW.actor IS DISTINCT FROM session_user
                AND NOT pg_has_role(session_user, current_user, 'MEMBER')
            THEN
                RAISE EXCEPTION 'the actor is not the login %', session_user
                    USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END
        """,
    )
