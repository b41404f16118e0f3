-- +goose Up
-- People are invited, choose their own password, and see where they are signed in.

alter table users add column last_sign_in_at timestamptz;

-- One-time links with which members of staff choose a password; only the hash
-- of the token. A link belongs to an epoch of its user, so whatever ends his
-- sessions ends his links: a new password, the one chosen by the link included.
create table user_links (
    token_hash text primary key,
    user_id    uuid not null references users (id) on delete cascade,
    epoch      integer not null,
    expires_at timestamptz not null,
    created_at timestamptz not null default now()
);
create index user_links_user on user_links (user_id);

-- What a list of somebody's sessions shows. The id names a session to those who
-- may end it; the hash stays here.
alter table sessions
    add column id           uuid not null default gen_random_uuid() unique,
    add column device       text not null default '' check (length(device) <= 100),
    add column created_at   timestamptz not null default now(),
    add column last_seen_at timestamptz not null default now();
