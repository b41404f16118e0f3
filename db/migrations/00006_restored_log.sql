-- +goose Up

-- Where the head was written: cluster, timeline, database and table. A backup
-- that was restored stands elsewhere. Null until the first process has looked.
alter table event_head add column home text;

-- +goose StatementBegin
create function event_log_home() returns text language sql volatile as $$
    select s.system_identifier || '/' || c.timeline_id || '/' || d.oid || '/' || 'public.event_head'::regclass::oid
      from pg_control_system() s, pg_control_checkpoint() c, pg_database d where d.datname = current_database()
$$;
-- +goose StatementEnd

-- Tells whether a log with this head holds what somebody has seen of it. A head
-- of another epoch is another log already, and so contradicts nothing.
-- +goose StatementBegin
create function event_log_holds(head event_head, seen_epoch bigint, seen_pos bigint, seen_event uuid) returns boolean
    language sql volatile as $$
    select head.epoch <> seen_epoch or head.pos >= seen_pos
       and (seen_pos = 0 or seen_event is null or exists (select from event_log where pos = seen_pos and event_id = seen_event))
$$;
-- +goose StatementEnd

-- Returns the head, after it gave the log a new epoch if this is a restored
-- backup: it moved, or lacks the event that somebody has seen at a position.
-- Positions of an old epoch would else be given again to other events. Epochs
-- are times, so that a second restore of one backup makes another epoch.
-- +goose StatementBegin
create function event_log_confirm(seen_epoch bigint, seen_pos bigint, seen_event uuid, out epoch bigint, out pos bigint)
    language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    head event_head;
    here text := event_log_home();
begin
    select * into strict head from event_head;
    if head.home is distinct from here or not event_log_holds(head, seen_epoch, seen_pos, seen_event) then
        select * into strict head from event_head for update; -- another process may have been first
        if head.home <> here or not event_log_holds(head, seen_epoch, seen_pos, seen_event) then
            head.epoch := greatest(head.epoch + 1, floor(extract(epoch from clock_timestamp()))::bigint);
        end if;
        update event_head set epoch = head.epoch, home = here;
    end if;
    epoch := head.epoch;
    pos := head.pos;
end $$;
-- +goose StatementEnd
