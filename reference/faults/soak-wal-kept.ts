import { ongoingFault } from './ongoing.ts';

const slot = 'fault_abandoned';

export default ongoingFault({
  name: 'soak-wal-kept',
  plants:
    'A replication slot that nobody reads keeps all of the WAL, of which there are some four megabytes more a second; no table grows.',
  catches: ['soak.db.disk'],
  mayAlso: ['soak.latency', 'soak.cpu.SERVICE'],
  everyMs: 500,
  begin: async ({ sql }) => {
    await sql(`alter system set max_wal_size = '32MB'`);
    await sql('select pg_reload_conf()');
    await sql(`select pg_create_physical_replication_slot('${slot}', true)`);
    await sql('create schema fault_wal; create table fault_wal.rows (filler text)');
  },
  again: ({ sql }) =>
    sql(`insert into fault_wal.rows select repeat(md5(i::text), 30) from generate_series(1, 2000) i;
      truncate fault_wal.rows`),
  end: async ({ sql }) => {
    await sql('drop schema if exists fault_wal cascade');
    await sql(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}'`);
    await sql('alter system reset max_wal_size');
    await sql('select pg_reload_conf()');
    await sql('checkpoint');
  },
});
