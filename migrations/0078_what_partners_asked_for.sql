-- A partner lists what it asked for, to compare it with its own books. The indexes have partners' alone: nobody else's
-- purchases pay for them.

create index ledger_holds_partner on ledger_holds (scope, id) where scope like 'partner:%';
create index ledger_declines_partner on ledger_declines (scope, id) where scope like 'partner:%';
