-- +goose Up
-- Every job and every visit is looked at, which may take longer than a request may.
set local statement_timeout = 0;

-- Jobs of several days: a visit for each day, numbered in their order. Visits
-- whose number is greater than the days of their job are those of assignments
-- that ended before the job became shorter; they count for nothing.
alter table jobs add column days integer not null default 1 check (days between 1 and 14);
alter table jobs add constraint jobs_day_length check (days = 1 or duration_minutes <= 720);
alter table visits add constraint visits_number check (number between 1 and 14);
