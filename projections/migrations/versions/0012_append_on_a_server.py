"""Let a server give positions and hashes by itself."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the function that appends; see tracker.store.chain for the hash.

    Each statement in it sees what was committed before that statement, so the head is read once
    nobody else can move it. Every argument has one element for each event.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
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
            previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
            FOR i IN 1 .. cardinality(keys) LOOP
                place := place + 1;
                previous := sha256(
                    int4send(32) || previous || int4send(8) || int8send(place)
                    || int4send(16) || decode(uuids[i], 'hex')
                    || int4send(8) || int8send(versions[i])
                    || int4send(octet_length(topics[i])) || convert_to(topics[i], 'UTF8')
                    || int4send(octet_length(states[i])) || states[i]
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
