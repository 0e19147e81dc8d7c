import { sqlFault } from './sql.ts';

export default sqlFault({
  name: 'soak-bloat',
  plants: 'A table that is never vacuumed holds four dead rows for each living one.',
  catches: ['soak.db.bloat'],
  plant: `create schema fault_bloat;
    create table fault_bloat.rows (id int) with (autovacuum_enabled = false);
    insert into fault_bloat.rows select generate_series(1, 3000);
    update fault_bloat.rows set id = id + 1; update fault_bloat.rows set id = id + 1;
    update fault_bloat.rows set id = id + 1; update fault_bloat.rows set id = id + 1;`,
  lift: 'drop schema fault_bloat cascade',
});
