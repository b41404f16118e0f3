-- +goose Up
-- Every assignment is looked at, which may take longer than a request may.
set local statement_timeout = 0;

-- Crews: a visit may need several contractors, each with an assignment of his own.
alter table jobs add column headcount integer not null default 1 check (headcount between 1 and 20);

-- The place that an assignment has in the crew of its visit, from 1 to the
-- headcount. So the database itself refuses a second contractor for one place.
alter table assignments add column place integer not null default 1 check (place between 1 and 20);
create unique index assignments_one_per_place on assignments (visit_id, place) where active;
drop index assignments_one_per_visit;
