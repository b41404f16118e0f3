-- +goose Up
-- The indexes at the end may take longer than a request may.
set local statement_timeout = 0;

-- A file that somebody uploaded, from its check to its undoing. The file itself
-- and its bad values name customers: they go an hour after the upload.
create table import_batches (
    id          uuid primary key default gen_random_uuid(),
    kind        text not null check (kind in ('jobs', 'contractors')),
    file_name   text not null check (length(file_name) between 1 and 200),
    user_id     uuid not null references users (id),
    state       text not null default 'checked' check (state in ('checked', 'queued', 'done', 'failed', 'undoing', 'undone')),
    version     integer not null default 1,
    -- Bad rows are left out, instead of keeping all the others from being saved.
    only_good   boolean not null default false,
    content     bytea,
    counts      jsonb not null default '{}',
    trouble     text not null default '',
    -- What an undo left alone, by reason.
    kept        jsonb not null default '[]',
    removed     integer not null default 0,
    uploaded_at timestamptz not null,
    expires_at  timestamptz not null,
    -- When and by whom it was confirmed or, later, its undoing asked for.
    queued_at   timestamptz,
    queued_by   uuid references users (id),
    -- How often it ran out of time since then.
    attempts    integer not null default 0,
    done_at     timestamptz,
    undone_at   timestamptz
);
create index import_batches_waiting on import_batches (queued_at) where state in ('queued', 'undoing');
create index import_batches_recent on import_batches (uploaded_at desc, id);

create table import_errors (
    batch_id    uuid not null references import_batches (id) on delete cascade,
    place       integer not null,
    line        integer not null,
    column_name text not null,
    value       text not null,
    reason      text not null,
    primary key (batch_id, place)
);

-- What a batch added, for as long as it can be undone.
create table import_added (
    batch_id uuid not null references import_batches (id) on delete cascade,
    row_id   uuid not null,
    primary key (batch_id, row_id)
);

-- How far the running import of a batch is; written beside its transaction.
create table import_progress (
    batch_id uuid primary key references import_batches (id) on delete cascade,
    done     integer not null,
    total    integer not null
);

-- Undoing an import deletes sites and customers that nothing else uses.
create index jobs_site on jobs (site_id);
create index sites_customer on sites (customer_id);
