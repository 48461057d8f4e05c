-- A decision and its offer are stored in one round trip: begin, locks, inserts and commit took four.

-- Stores a decision, and its offer if it has one, unless something changed since the caller looked: true when stored.
-- `p_newest_seen` is the newest decision that the caller knew of, null for none; an offer that is accepted or active by
-- now is a change too. Each statement in here sees what the locks before it waited for. Lock order: the user's row,
-- then the open offers; who accepts an offer locks only the offer.
create function record_credit_decision(
  p_user_id uuid, p_newest_seen uuid,
  p_decision_id uuid, p_approved boolean, p_reason text, p_risk_score numeric, p_model_version text,
  p_policy_version text, p_features jsonb, p_missing_features text[], p_contributions jsonb, p_decided_at timestamptz,
  p_offer_id uuid, p_credit_limit numeric, p_interest_rate numeric, p_credit_type text, p_expires_at timestamptz
) returns boolean language plpgsql as $$
declare
  newest uuid;
begin
  perform from users where id = p_user_id for no key update;
  perform from credit_limits where user_id = p_user_id and status in ('offered', 'accepted') for update;

  select id into newest from credit_decisions where user_id = p_user_id order by decided_at desc limit 1;
  if newest is distinct from p_newest_seen
    or exists (select from credit_limits where user_id = p_user_id and status = 'accepted')
    or exists (select from credit_limits where user_id = p_user_id and status = 'active')
  then
    return false;
  end if;

  -- The offer that nobody took makes room.
  update credit_limits
  set status = case when expires_at <= p_decided_at then 'expired' else 'superseded' end, updated_at = p_decided_at
  where user_id = p_user_id and status = 'offered';

  insert into credit_decisions (
    id, user_id, approved, reason, ml_risk_score, model_version, policy_version, features, missing_features,
    contributions, offer_id, decided_at
  ) values (
    p_decision_id, p_user_id, p_approved, p_reason, p_risk_score, p_model_version, p_policy_version, p_features,
    p_missing_features, p_contributions, p_offer_id, p_decided_at
  );
  if p_offer_id is not null then
    insert into credit_limits (
      id, user_id, decision_id, status, credit_limit, interest_rate, credit_type, expires_at, created_at, updated_at
    ) values (
      p_offer_id, p_user_id, p_decision_id, 'offered', p_credit_limit, p_interest_rate, p_credit_type, p_expires_at,
      p_decided_at, p_decided_at
    );
  end if;
  return true;
end
$$;
