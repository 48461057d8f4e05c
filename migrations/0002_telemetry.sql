-- Raw telemetry by month, one identity per event for ever within the retention, and exact daily totals.

-- Identity is (user, event id). Narrow and unpartitioned: a unique index on a partitioned table would have to
-- carry the partition key, and the same event re-sent with another timestamp would pass. No foreign key to
-- users: telemetry may arrive before, or without, an account, and a lookup per event would halve the intake.
create table emotion_event_identities (
  user_id uuid not null,
  event_id text collate "C" not null,
  primary key (user_id, event_id),
  constraint emotion_event_identities_event_id_length check (char_length(event_id) between 1 and 64)
);

create table transaction_identities (
  user_id uuid not null,
  event_id text collate "C" not null,
  primary key (user_id, event_id),
  constraint transaction_identities_event_id_length check (char_length(event_id) between 1 and 64)
);

-- The primary key is also the index of every read: one user's events in a span of time.
create table emotion_events (
  user_id uuid not null,
  event_id text collate "C" not null,
  type text not null,
  positivity numeric not null,
  intensity numeric not null,
  stress_level numeric not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (user_id, occurred_at, event_id),
  constraint emotion_events_positivity_range check (positivity between 0 and 1),
  constraint emotion_events_intensity_range check (intensity between 0 and 1),
  constraint emotion_events_stress_level_range check (stress_level between 0 and 1)
) partition by range (occurred_at);

create table transactions (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  event_id text collate "C" not null,
  amount numeric(19, 4) not null,
  currency text collate "C" not null,
  category text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (user_id, occurred_at, event_id),
  constraint transactions_amount_positive check (amount > 0),
  constraint transactions_currency_code check (currency ~ '^[A-Z]{3}$')
) partition by range (occurred_at);

-- An event never fails for want of a partition; ensure_month_partitions moves what strayed in here.
create table emotion_events_default partition of emotion_events default;
create table transactions_default partition of transactions default;

-- Sums are numeric, so adding is exact and the order of arrival cannot show in an average.
-- Days are UTC days of the event's own time. fillfactor leaves room for in-page (HOT) updates.
create table emotional_events_summary (
  user_id uuid not null,
  day date not null,
  event_count bigint not null,
  high_stress_count bigint not null,
  positivity_sum numeric not null,
  intensity_sum numeric not null,
  stress_sum numeric not null,
  avg_positivity numeric generated always as (round(positivity_sum / event_count, 6)) stored,
  avg_intensity numeric generated always as (round(intensity_sum / event_count, 6)) stored,
  avg_stress numeric generated always as (round(stress_sum / event_count, 6)) stored,
  updated_at timestamptz not null default now(),
  primary key (user_id, day),
  constraint emotional_events_summary_counts check (event_count > 0 and high_stress_count between 0 and event_count)
) with (fillfactor = 80);

create table transactions_summary (
  user_id uuid not null,
  day date not null,
  currency text collate "C" not null,
  transaction_count bigint not null,
  amount_sum numeric not null,
  updated_at timestamptz not null default now(),
  primary key (user_id, day, currency),
  constraint transactions_summary_counts check (transaction_count > 0 and amount_sum > 0)
) with (fillfactor = 80);

-- Makes the monthly partitions of `parent` that cover from_day..to_day, moving rows out of its default partition
-- where some are waiting there. Safe to call from several processes at once; returns how many were made.
create function ensure_month_partitions(parent regclass, from_day date, to_day date) returns integer
language plpgsql as $$
declare
  month_start date := date_trunc('month', from_day)::date;
  month_end date;
  partition_name text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ensure_month_partitions'), hashtext(parent::text));
  while month_start <= to_day loop
    month_end := (month_start + interval '1 month')::date;
    partition_name := format('%s_%s', parent::text, to_char(month_start, 'YYYY_MM'));
    if to_regclass(partition_name) is null then
      execute format('create table %I (like %s including defaults including constraints)', partition_name, parent);
      execute format(
        'with moved as (delete from %I where occurred_at >= %L and occurred_at < %L returning *) insert into %I select * from moved',
        parent::text || '_default', month_start::timestamp at time zone 'UTC', month_end::timestamp at time zone 'UTC', partition_name
      );
      execute format(
        'alter table %s attach partition %I for values from (%L) to (%L)',
        parent, partition_name, month_start::timestamp at time zone 'UTC', month_end::timestamp at time zone 'UTC'
      );
      made := made + 1;
    end if;
    month_start := month_end;
  end loop;
  return made;
end
$$;

-- Three months back (the retention) and two ahead, so that a fresh database can take every event that intake accepts.
select ensure_month_partitions('emotion_events', (now() - interval '100 days')::date, (now() + interval '62 days')::date);
select ensure_month_partitions('transactions', (now() - interval '100 days')::date, (now() + interval '62 days')::date);
