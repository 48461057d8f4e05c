-- A partner is told of its users by its own ids for them, which stay with what it asked for: a link may end, and a person
-- may have two. To people and operators both ids are told, to partners never ours.

alter table ledger_holds add external_user_id text collate "C";
alter table ledger_declines add external_user_id text collate "C";

update ledger_holds as h set external_user_id = u.external_user_id
from (select partner_id, user_id, min(external_user_id) as external_user_id from ledger_partner_users group by partner_id, user_id) as u
where h.scope = 'partner:' || u.partner_id::text and h.owner_id = u.user_id;
update ledger_declines as d set external_user_id = u.external_user_id
from (select partner_id, user_id, min(external_user_id) as external_user_id from ledger_partner_users group by partner_id, user_id) as u
where d.scope = 'partner:' || u.partner_id::text and d.owner_id = u.user_id;

create function ledger_authorization_json(
  id uuid, status text, owner_id uuid, account_id uuid, amount bigint, captured bigint, released bigint,
  exponent smallint, currency text, reference_id text, group_id uuid, placed_at timestamptz, expires_at timestamptz,
  external_user_id text
) returns text
language sql stable parallel safe
return '{"id":"' || id::text || '","status":"' || case status when 'open' then 'approved' else status end
  || coalesce('","userId":"' || owner_id::text, '') || '","accountId":"' || account_id::text
  || '","amount":"' || ledger_decimal(amount, exponent) || '","currency":"' || currency
  || '","capturedAmount":"' || ledger_decimal(captured, exponent)
  || '","releasedAmount":"' || ledger_decimal(released, exponent)
  || '","openAmount":"' || ledger_decimal(amount - captured - released, exponent) || '"'
  || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
  || coalesce(',"groupId":"' || group_id::text || '"', '')
  || coalesce(',"externalUserId":' || to_json(external_user_id)::text, '')
  || ',"decidedAt":"' || ledger_time(placed_at) || '","expiresAt":"' || ledger_time(expires_at) || '"}';

create or replace function ledger_authorization_json(h ledger_holds) returns text
language sql stable parallel safe
return ledger_authorization_json(
  h.id, h.status, h.owner_id, h.account_id, h.amount, h.captured, h.voided + h.expired, h.exponent, h.currency,
  h.reference_id, h.group_id, h.placed_at, h.expires_at, h.external_user_id
);
drop function ledger_authorization_json(
  uuid, text, uuid, uuid, bigint, bigint, bigint, smallint, text, text, uuid, timestamptz, timestamptz
);

drop function ledger_decline_json;
create function ledger_decline_json(
  id uuid, owner_id uuid, amount numeric, currency text, reason text, reference_id text, group_id uuid,
  decided_at timestamptz, extra text default '', external_user_id text default null
) returns text
language sql stable parallel safe
return '{"id":"' || id::text || '","status":"declined","reason":"' || reason || '","userId":"' || owner_id::text
  || '","amount":"' || amount::text || '","currency":"' || currency || '"'
  || coalesce(',"referenceId":' || to_json(reference_id)::text, '')
  || coalesce(',"groupId":"' || group_id::text || '"', '')
  || coalesce(',"externalUserId":' || to_json(external_user_id)::text, '')
  || ',"decidedAt":"' || ledger_time(decided_at) || '"' || extra || '}';

-- Both functions stay as they are but for these words.
do $patch$
declare
  one constant text[] := array[
    $$|| coalesce(',"groupId":"' || group_id::text || '"', '')
$$,
    $$|| coalesce(',"groupId":"' || group_id::text || '"', '')
        || coalesce(',"externalUserId":' || to_json(external_user_id)::text, '')
$$,
    $$placed_at, expires_at, updated_at, headers
      ) values ($$,
    $$placed_at, expires_at, updated_at, headers, external_user_id
      ) values ($$,
    $$expires, moment, headers
      );$$,
    $$expires, moment, headers, external_user_id
      );$$
  ];
  many constant text[] := array[
    $$d.reference_id, d.group_id, d.decided_at)
$$,
    $$d.reference_id, d.group_id, d.decided_at, '', d.external_user_id)
$$,
    $$moment + make_interval(secs => seconds[i])
$$,
    $$moment + make_interval(secs => seconds[i]), externals[i]
$$,
    $$reason, refs[i], groups[i], moment, extra)$$,
    $$reason, refs[i], groups[i], moment, extra, externals[i])$$,
    $$'no_credit_line', refs[i], groups[i], moment)$$,
    $$'no_credit_line', refs[i], groups[i], moment, '', externals[i])$$,
    $$placed_version, placed_at,
      expires_at, updated_at, headers
    )$$,
    $$placed_version, placed_at,
      expires_at, updated_at, headers, external_user_id
    )$$,
    $$u.moment + make_interval(secs => u.seconds), u.moment, u.headers
$$,
    $$u.moment + make_interval(secs => u.seconds), u.moment, u.headers, u.external_user_id
$$,
    $$o_version, o_moment, seconds,
      headers
    ) as u ($$,
    $$o_version, o_moment, seconds,
      headers, externals
    ) as u ($$,
    $$version, moment, seconds, headers
    )$$,
    $$version, moment, seconds, headers,
      external_user_id
    )$$,
    $$reason, amount, currency, scope, reference_id, group_id, decided_at)$$,
    $$reason, amount, currency, scope, reference_id, group_id, decided_at, external_user_id)$$,
    $$u.reference_id, u.group_id, u.moment
    from unnest(ids, owners, o_account, o_reason, amounts, currencies, scopes, refs, groups, o_moment)
      as u (id, owner_id, account_id, reason, amount, currency, scope, reference_id, group_id, moment)$$,
    $$u.reference_id, u.group_id, u.moment,
      u.external_user_id
    from unnest(ids, owners, o_account, o_reason, amounts, currencies, scopes, refs, groups, o_moment, externals)
      as u (id, owner_id, account_id, reason, amount, currency, scope, reference_id, group_id, moment, external_user_id)$$
  ];
  patches text[];
  definition text;
begin
  for part in 1..2 loop
    patches := case part when 1 then one else many end;
    definition := pg_get_functiondef((array['ledger_authorize_one', 'ledger_authorize_many'])[part]::regproc);
    for i in 1..cardinality(patches) by 2 loop
      if (length(definition) - length(replace(definition, patches[i], ''))) / length(patches[i]) <> 1 then
        raise exception 'the function does not say % once', patches[i];
      end if;
      definition := replace(definition, patches[i], patches[i + 1]);
    end loop;
    execute definition;
  end loop;
end
$patch$;
