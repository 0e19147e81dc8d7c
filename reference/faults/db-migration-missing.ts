import { definitionOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'db-migration-missing',
  plants: 'The last migration is not noted as applied.',
  catches: ['smoke.db.migrations'],
  plant: `delete from migrations.schema_migrations where version = (select max(version) from migrations.schema_migrations)`,
  lift: definitionOf(
    `select format('insert into migrations.schema_migrations select * from jsonb_populate_record(null::migrations.schema_migrations, %L)', to_jsonb(m))
     from migrations.schema_migrations m order by version desc limit 1`,
  ),
});
