-- A reference brings back the capture that it was used for, and nothing that was asked for otherwise; what waits and can
-- never be counted fails instead of being tried for ever.

-- The functions stay as they are but for these words.
do $patch$
declare
  patches constant text[] := array[
    -- Without an amount, or with final, nothing is open behind it.
    'ledger_capture',
    $$(amounts[r.n] is null or r.amount = amounts[r.n] * 10::numeric ^ r.exponent::numeric) then$$,
    $$r.amount = coalesce(amounts[r.n] * 10::numeric ^ r.exponent::numeric, case when (r.hold).open = 0 then r.amount end)
        and ((r.hold).open = 0 or finals[r.n] is not true) and coalesce(destinations[r.n] = r.destination_account_id, true)
      then$$,
    'ledger_capture',
    $$select k.n, t.hold_id, t.id, t.amount, t.exponent, z as hold$$,
    $$select k.n, t.hold_id, t.id, t.amount, t.exponent, t.destination_account_id, z as hold$$,
    'ledger_post_many',
    $$o_minor[i] := null;$$,
    $$-- Nobody hears of one that waited: it is kept.
          if retrying then o_state[i] := 'failed'; o_failure[i] := code; else o_minor[i] := null; end if;$$
  ];
  definition text;
  told text;
begin
  for i in 1..cardinality(patches) by 3 loop
    definition := pg_get_functiondef(patches[i]::regproc);
    told := patches[i + 1];
    if (length(definition) - length(replace(definition, told, ''))) / length(told) <> 1 then
      raise exception '% does not say % once', patches[i], told;
    end if;
    execute replace(definition, told, patches[i + 2]);
  end loop;
end
$patch$;
