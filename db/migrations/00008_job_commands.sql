-- +goose Up
-- Every audit record and every job is looked at, which may take longer than a request may.
set local statement_timeout = 0;

-- Jobs are cancelled, held and released, each with a reason in its audit record.
alter table audit_records drop constraint audit_records_action_check;
alter table audit_records add constraint audit_records_action_check
    check (action in ('assign', 'reassign', 'move', 'unassign', 'cancel', 'hold', 'release'));

-- A job on hold stays in the open list of its region, where it is released.
create index jobs_listed on jobs (region, window_start) where status in ('open', 'partially_assigned', 'on_hold');
drop index jobs_open;

-- A phone is told of cancelled jobs as of those that were taken off it.
drop index assignments_withdrawn;
create index assignments_withdrawn on assignments (contractor_id, updated_at) where status in ('unassigned', 'cancelled');
