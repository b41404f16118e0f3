-- +goose Up
-- The index may take longer than a request may.
set local statement_timeout = 0;

-- For how long a contractor may think about an offer of a region, in minutes.
alter table regions add column answer_minutes integer not null default 30 check (answer_minutes between 1 and 10080);
alter table regions add column rush_answer_minutes integer not null default 5 check (rush_answer_minutes between 1 and 10080);

-- Employees accept whatever they are given.
alter table contractors add column auto_accept boolean not null default false;

-- An offer without answer_by waits for ever: all that were made before.
alter table assignments add column offered_at timestamptz;
alter table assignments add column answer_by timestamptz;
-- When the work began and ended; during is what was planned, and after the end what
-- was taken of it.
alter table assignments add column started_at timestamptz;
alter table assignments add column ended_at timestamptz;
-- Why it was declined, paused or left, as the events name it.
alter table assignments add column reason_code text not null default '';
create index assignments_unanswered on assignments (answer_by) where status = 'assigned';

alter table audit_records drop constraint audit_records_action_check;
alter table audit_records add constraint audit_records_action_check
    check (action in ('assign', 'reassign', 'move', 'unassign', 'cancel', 'hold', 'release',
                      'accept', 'decline', 'pause', 'complete', 'incomplete'));

-- A phone is told of offers that ended as of jobs that were taken off it.
drop index assignments_withdrawn;
create index assignments_withdrawn on assignments (contractor_id, updated_at) where status in ('unassigned', 'cancelled', 'expired');
