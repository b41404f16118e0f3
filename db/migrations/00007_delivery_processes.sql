-- +goose Up

-- What each process last said of its delivery, for the operator's page. One row
-- a process, written every few seconds; nothing else reads it.
create table delivery_processes (
    instance    text primary key check (length(instance) between 1 and 100),
    build       text not null,
    started_at  timestamptz not null,
    seen_at     timestamptz not null,
    stopped_at  timestamptz,
    epoch       bigint not null,
    position    bigint not null,
    lag_ms      bigint not null,
    streams     jsonb not null,
    counters    jsonb not null,
    last_errors jsonb not null
);
