-- +goose Up
-- The index may take longer than a request may.
set local statement_timeout = 0;

-- What concerns several contractors at once, such as that the job of a crew was
-- cancelled, names none of them: a phone that comes back finds it by its stream.
create index event_log_of_several on event_log using gin (published_to) where contractor_id is null;
