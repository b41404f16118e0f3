-- +goose Up
-- What is known of a person can be erased; the history keeps its rows.

-- Who erased whom, when and why, and never the name.
create table erasures (
    id         uuid primary key default gen_random_uuid(),
    kind       text not null check (kind in ('customer', 'contractor', 'user')),
    subject_id uuid not null,
    actor_id   uuid not null references users (id),
    reason     text not null check (length(reason) between 1 and 500),
    created_at timestamptz not null default now(),
    unique (subject_id)
);
create index erasures_recent on erasures (created_at desc, id);
create trigger erasures_no_change before update or delete on erasures
    for each row execute function audit_records_immutable();
create trigger erasures_no_truncate before truncate on erasures
    for each statement execute function audit_records_immutable();

-- Whoever was erased comes in never again.
alter table contractors add column erased_at timestamptz,
    add constraint contractors_erased check (erased_at is null or not active);
alter table users add column erased_at timestamptz,
    add constraint users_erased check (erased_at is null or disabled_at is not null and password_hash is null);
-- Imports leave such a job alone: their files may name the customer still.
alter table jobs add column erased_at timestamptz;

-- History forgets one thing: in the transaction that notes an erasure, the words
-- that somebody typed, and the address that a request came from.
-- +goose StatementBegin
create function history_forgets() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and exists (select from erasures where created_at = now()) then
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
drop trigger audit_records_no_change on audit_records;
create trigger audit_records_no_change before update or delete on audit_records
    for each row execute function history_forgets();
drop trigger stream_refusals_no_change on stream_refusals;
create trigger stream_refusals_no_change before update or delete on stream_refusals
    for each row execute function history_forgets();

-- The application may not change history; it may call this. Of a contractor go
-- the words about him: of decisions for him, and of those that replaced him.
-- +goose StatementBegin
create function erase_words(of_jobs uuid[], of_contractor uuid, of_user uuid) returns void
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    update audit_records set override_reason = 'Erased'
     where job_id = any(of_jobs) and override_reason not in ('', 'Erased');
    update audit_records r set override_reason = 'Erased'
     where of_contractor is not null and r.override_reason not in ('', 'Erased')
       and r.job_id in (select job_id from assignments where contractor_id = of_contractor)
       and (r.contractor_id = of_contractor or r.id in
            (select n.audit_id from assignments n join assignments o on o.id = n.replaces_id where o.contractor_id = of_contractor));
    update stream_refusals set address = '' where user_id = of_user and address <> '';
end $$;
-- +goose StatementEnd
