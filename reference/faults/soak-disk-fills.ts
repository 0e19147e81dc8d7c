import { ongoingFault } from './ongoing.ts';

export default ongoingFault({
  name: 'soak-disk-fills',
  plants: 'A table grows by some four megabytes a second.',
  catches: ['soak.db.disk'],
  mayAlso: ['soak.latency', 'soak.cpu.SERVICE'],
  everyMs: 500,
  begin: async ({ sql }) => void (await sql('create schema fault_disk; create table fault_disk.rows (filler text)')),
  again: ({ sql }) =>
    sql(`insert into fault_disk.rows select repeat(md5(i::text), 30) from generate_series(1, 2000) i`),
  end: async ({ sql }) => void (await sql('drop schema if exists fault_disk cascade')),
});
