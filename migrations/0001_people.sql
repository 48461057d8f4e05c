-- Who the credit is for, and who operates the platform.

create table users (
  id uuid primary key,
  email text collate "C" not null,
  password_hash text not null,
  role text not null default 'user',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_email_key unique (email),
  constraint users_email_normalised check (email = lower(email) and char_length(email) between 3 and 254),
  constraint users_role_known check (role in ('user', 'operator'))
);
