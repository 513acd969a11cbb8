-- Who may send: a key is shown once and kept as its SHA-256. '*' stands for all authorities or all sources.
CREATE TABLE sender_key (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    authorities text[] NOT NULL,
    sources text[] NOT NULL,
    rate integer CHECK (rate > 0), -- events a second; NULL for no limit
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
