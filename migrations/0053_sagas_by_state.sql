-- Operators' lists of sagas by state cost a page, however many are complete: the index has the states that few are in.

create index ledger_sagas_few on ledger_sagas (state, id)
  where state in ('compensating', 'compensated', 'stuck', 'resolved');
drop index ledger_sagas_stuck;

-- A person's declined authorizations are listed in the order of their decisions, and were sorted anew for every page.
create index ledger_declines_owner_decided on ledger_declines (owner_id, decided_at);
drop index ledger_declines_owner;
