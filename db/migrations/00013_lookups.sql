-- +goose Up
-- The indexes may take longer than a request may.
set local statement_timeout = 0;

-- A job's page names the others at the same address.
create index sites_address on sites (lower(address));

-- A board looks for the work of one day, however much there was before.
create index assignments_during on assignments using gist (during) where active;
