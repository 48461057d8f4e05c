-- The calls that were under way at 0049 have ended.
drop trigger ledger_holds_open on ledger_holds;
drop function ledger_open_of_new_hold();
