-- The metrics service's own journal: what it has read off the bus, a row a batch, append-only.
-- The newest last_position of a partition is the position of the consumer: data and position are one row.
CREATE TABLE inbox (
    stream text NOT NULL,
    partition smallint NOT NULL,
    last_position bigint NOT NULL,
    first_position bigint NOT NULL,
    events bytea NOT NULL, -- zstd: a line an event, microseconds of receipt, tab, CloudEvent
    PRIMARY KEY (stream, partition, last_position),
    CHECK (first_position BETWEEN 1 AND last_position)
);
ALTER TABLE inbox ALTER COLUMN events SET STORAGE EXTERNAL; -- it is compressed already

-- What could not be read: out of the way of the others, waiting for a person.
CREATE TABLE parked (
    stream text NOT NULL,
    partition smallint NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    event bytea NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, partition, position)
);
