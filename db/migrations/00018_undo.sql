-- +goose Up
-- Every audit record is looked at, which may take longer than a request may.
set local statement_timeout = 0;

-- What a dispatcher has done can be taken back. Which actions there are is said in
-- one place, the code, so that a new one needs no look at every record.
alter table audit_records drop constraint audit_records_action_check;
alter table audit_records add constraint audit_records_action_check check (action ~ '^[a-z_]{1,40}$');

-- The job and who had it before the action: status, version, assignments with
-- their times and statuses. Null of records from before and of those that nobody
-- can take back.
alter table audit_records add column before jsonb;

-- It ended because it was given by a slip of the finger, and not by a change of plans.
alter table assignments add column undone boolean not null default false;
