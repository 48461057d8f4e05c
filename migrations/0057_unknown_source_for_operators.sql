-- Operators, for whom every account exists, hear that the source is no account; a person still cannot tell an unknown one from another's.

-- The function stays as 0055 has it but for these words.
do $patch$
declare
  told constant text := $$ledger_field_error('/sourceAccountId', 'is not an account of yours')$$;
  tells constant text := $$ledger_field_error('/sourceAccountId', case when owners[i] is null then 'is not an account' else 'is not an account of yours' end)$$;
  definition constant text := pg_get_functiondef('ledger_post_many'::regproc);
begin
  if (length(definition) - length(replace(definition, told, ''))) / length(told) <> 1 then
    raise exception 'ledger_post_many does not say % once', told;
  end if;
  execute replace(definition, told, tells);
end
$patch$;
