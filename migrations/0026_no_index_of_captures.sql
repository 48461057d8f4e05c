-- Nothing looks for transfers by their hold: a capture is found by its reference, a hold says itself what was captured.
-- Each index of transfers costs every posting 4 us to open and to ask whether the row belongs in it.
drop index ledger_transfers_hold;
