-- A batch whose first capture is refused posts the others to their own accounts: an array that is assigned from its
-- second element on begins there, and its elements then met other rows when it was unnested.
do $$
declare
  before constant text := pg_get_functiondef('ledger_capture'::regproc);
  after constant text := replace(
    before, 'o_s integer[]; o_d integer[];',
    'o_s integer[] := array_fill(null::integer, array[count]); o_d integer[] := array_fill(null::integer, array[count]);'
  );
begin
  assert before <> after;
  execute after;
end
$$;
