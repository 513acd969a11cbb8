-- The journal of a service that takes events in: outbox, idempotency guard, audit and replay in one table.
-- Positions are consecutive from 1 in each partition of each stream, and become visible in order: whoever appends
-- holds the row of journal_head.
CREATE TABLE journal (
    stream text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL,
    key bytea NOT NULL UNIQUE,     -- stands for (source, id)
    content bytea NOT NULL,        -- tells a duplicate from a reused id
    received_at timestamptz NOT NULL,
    event text NOT NULL,           -- the CloudEvent, compact JSON
    PRIMARY KEY (stream, partition, position)
);

CREATE TABLE journal_head (
    stream text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (stream, partition)
);

-- Where the relay had got to when it last said so: only a hint for when the bus has lost everything.
CREATE TABLE relay_position (
    stream text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (stream, partition)
);

-- What became of every event that was sent; '' where it could not be read or the key does not cover it.
CREATE TABLE intake_count (
    key bytea PRIMARY KEY,         -- stands for the four labels: a source may be longer than an index takes
    authority text NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    result text NOT NULL CHECK (result IN ('accepted', 'duplicate', 'refused')),
    events bigint NOT NULL
);

-- Refused events, waiting for a person; the same event refused again for the same reason is counted, not kept twice.
CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    sender text NOT NULL,
    authority text,
    source text,
    type text,
    event_id text,
    reason text NOT NULL,
    detail text NOT NULL,
    document bytea NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times bigint NOT NULL DEFAULT 1
);

-- Tells this journal's entries on the bus from those of another one that used the bus before.
CREATE TABLE journal_identity (
    id text NOT NULL DEFAULT substr(md5(random()::text || clock_timestamp()::text), 1, 12)
);
INSERT INTO journal_identity DEFAULT VALUES;
