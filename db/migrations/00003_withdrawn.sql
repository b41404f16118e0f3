-- +goose Up

-- A phone asks at each load which jobs were taken off its contractor of late.
create index assignments_withdrawn on assignments (contractor_id, updated_at) where status = 'unassigned';
