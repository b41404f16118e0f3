-- +goose Up
-- A map of regions is uploaded as jobs and contractors are.
alter table import_batches drop constraint import_batches_kind_check;
alter table import_batches add constraint import_batches_kind_check check (kind in ('jobs', 'contractors', 'regions'));

-- What a map would do to the jobs, as it was shown before it was confirmed: ids
-- and outlines, which go with the file.
alter table import_batches add column preview jsonb;
