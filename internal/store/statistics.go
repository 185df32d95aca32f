// SPDX-License-Identifier: Apache-2.0

package store

// PostgreSQL's planner knows nothing of rows nobody counted, and takes any index
// of a register for as good as the one that finds an entry: it then reads the
// whole register to write one (measured: 5,000 entries of an empty database
// changed one by one took 110 s instead of 3). Autovacuum counts what was
// committed, about a minute later, which is too late for a first import.

// firstLook is after how many entries one transaction has the tables looked at;
// again each time it wrote four times as many.
const firstLook = 200

// statistics gives the function the program's role asks for it by. Only an owner
// may count; it counts where tables grew fourfold, and passes over one that
// somebody else is counting.
func (d dialect) statistics() string {
	if !d.isPostgres() {
		return `SELECT 1;`
	}
	return `CREATE FUNCTION look_anew() RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE oid IN ('entry'::regclass, 'entry_version'::regclass, 'entry_tag'::regclass, 'entry_link'::regclass, 'entry_unique'::regclass)
    AND pg_relation_size(oid) / current_setting('block_size')::bigint > 4 * greatest(relpages, 1)) THEN
    ANALYZE (SKIP_LOCKED) entry (n, org, register, key, version, deleted, state, owner, due, title, at, batch), entry_version (org, register, key, version, n, deleted, state, owner, due, title, from_seq, to_seq, batch), entry_tag, entry_link, entry_unique;
  END IF;
END $$;`
}

// grew counts an entry that was written.
func (t *transaction) grew() error {
	if !t.dialect.isPostgres() {
		return nil
	}
	if t.look == 0 {
		t.look = firstLook
	}
	if t.written++; t.written < t.look {
		return nil
	}
	t.look *= 4
	return t.run(`SELECT look_anew()`)
}
