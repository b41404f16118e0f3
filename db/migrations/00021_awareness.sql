-- +goose Up
-- Every assignment is looked at, which may take longer than a request may.
set local statement_timeout = 0;

-- What a contractor has to know of his assignment has a number: it grows when
-- the work moves and when it is taken off him or given back. What was there
-- before is no news, but for what was taken off in the last day.
alter table assignments
    add column news    integer not null default 0,
    add column news_at timestamptz not null default now();
alter table assignments alter column news set default 1;
update assignments set news = 1, news_at = updated_at
 where status in ('unassigned', 'cancelled') and updated_at > now() - interval '24 hours';
drop index assignments_withdrawn;
create index assignments_news on assignments (contractor_id, news_at) where news > 0;

-- In a trigger, so that no command can forget it. What he says himself is no
-- news to him.
-- +goose StatementBegin
create function assignment_is_news() returns trigger language plpgsql as $$
begin
    new.news := old.news + 1;
    new.news_at := now();
    return new;
end $$;
-- +goose StatementEnd
create trigger assignments_are_news before update on assignments for each row
    when (new.status <> 'declined'
          and (old.status in ('declined', 'expired', 'unassigned', 'cancelled')) <> (new.status in ('declined', 'expired', 'unassigned', 'cancelled'))
          or old.during <> new.during and new.status in ('assigned', 'accepted', 'en_route', 'on_site'))
    execute function assignment_is_news();

-- Who knows: how far each news of an assignment got to its contractor by one
-- channel. Rungs only go up. The times are those of the server; what the phone's
-- own clock said stands apart. No row: it is logged and nothing more.
create table awareness (
    assignment_id          uuid not null references assignments (id) on delete cascade,
    news                   integer not null,
    channel                text not null check (channel in ('phone')),
    rung                   smallint not null check (rung between 1 and 4), -- sent, on screen, seen, acknowledged
    sent_at                timestamptz not null,
    on_screen_at           timestamptz check ((on_screen_at is null) = (rung < 2)),
    seen_at                timestamptz check ((seen_at is null) = (rung < 3)),
    acknowledged_at        timestamptz check ((acknowledged_at is null) = (rung < 4)),
    on_screen_client_at    timestamptz,
    seen_client_at         timestamptz,
    acknowledged_client_at timestamptz,
    knew                   tstzrange,                 -- when he acknowledged it: the time of the work; null: it was off his list
    primary key (assignment_id, news, channel)
);
