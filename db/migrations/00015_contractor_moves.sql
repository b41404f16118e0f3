-- +goose Up

-- From which day on a contractor has another home region. A move that is to come
-- is carried out when its day begins there; one that was is kept, because boards
-- of the days before show him where he was.
create table contractor_moves (
    id             uuid primary key default gen_random_uuid(),
    contractor_id  uuid not null references contractors (id) on delete cascade,
    from_region    text not null references regions (slug),
    to_region      text not null references regions (slug) check (to_region <> from_region),
    effective_from date not null,                      -- a local date of the new home
    takes_effect   timestamptz not null,               -- when it begins there
    decided_by     uuid references users (id),
    decided_at     timestamptz not null default now(),
    done_at        timestamptz                         -- null: to come
);
create unique index contractor_moves_to_come on contractor_moves (contractor_id) where done_at is null;
create index contractor_moves_due on contractor_moves (takes_effect) where done_at is null;
create index contractor_moves_days on contractor_moves (contractor_id, effective_from);
