-- +goose Up
-- The list of refused streams is kept for a year. A row that is older may go, and
-- nothing else of it.

-- +goose StatementBegin
create or replace function history_forgets() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and tg_table_name = 'stream_refusals' then
        if old.created_at < now() - interval '1 year' then
            return old;
        end if;
    elsif tg_op = 'UPDATE' and exists (select from erasures where created_at = now()) then
        if tg_table_name = 'audit_records' then
            old.override_reason := case old.override_reason when '' then '' else 'Erased' end;
        else
            old.address := '';
        end if;
        if old *= new then                             -- the same bytes otherwise
            return new;
        end if;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd

-- The application may not delete from the list; it may call this, which deletes up
-- to as many rows as are asked for and says how many.
-- +goose StatementBegin
create function forget_refusals(most integer) returns bigint
    language sql volatile security definer set search_path = public, pg_temp as $$
    with gone as (
      delete from stream_refusals where id = any(array(
        select id from stream_refusals where created_at < now() - interval '1 year' order by id limit most)) returning 1)
    select count(*) from gone
$$;
-- +goose StatementEnd
