-- +goose Up
-- The index may take longer than a request may.
set local statement_timeout = 0;

-- A job's page names the others at the same address.
create index sites_address on sites (lower(address));
