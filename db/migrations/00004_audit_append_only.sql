-- +goose Up
-- The audit records are history like the event log: nobody changes them, the
-- owner of the schema neither.

-- +goose StatementBegin
create function audit_records_immutable() returns trigger language plpgsql as $$
begin
    raise exception 'audit_records is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd
create trigger audit_records_no_change before update or delete on audit_records
    for each row execute function audit_records_immutable();
create trigger audit_records_no_truncate before truncate on audit_records
    for each statement execute function audit_records_immutable();
