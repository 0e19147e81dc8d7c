import type { Body, BodyContext } from '../../runners/body.ts';
import type { Look } from './isolation/look.ts';
import { judgeRole } from './isolation/role.ts';
import { areaOf, tellArea, withLook } from './isolation/tell.ts';

const body: Body = (context) =>
  withLook(context, ['role', 'bound', 'keys', 'cells'], async (look) => {
    judgeBound(context, look);
    judgeKeys(context, look);
    tellArea(context, look, 'catalog');
    tellWhatWasRead(context, look);
    await judgeRole(context, look);
  });

export default body;

function judgeBound(context: BodyContext, { binding: { role, ways } }: Look): void {
  const seen = { expected: 'a role that row level security binds', observed: ways.join('; ') || `${role} is bound` };
  if (ways.length === 0) context.holds('bound', seen);
  else context.breaks('bound', `the app's role ${role} is not bound by row level security: ${ways.join('; ')}`, seen);
}

/** Whose a row is must be known of every table; what is shared by design is named, for a person to disagree with. */
function judgeKeys(context: BodyContext, { report }: Look): void {
  const { questions, sharedTables, tenantTables } = report;
  if (sharedTables.length > 0) context.note('taken as shared by all tenants', sharedTables.join(', '));
  if (questions.length > 0) context.unmet(`answers under isolation: ${questions.slice(0, 5).join(' ')}`, 'keys');
  else if (tenantTables.length === 0) context.breaks('keys', 'no table with rows of tenants was found');
  else context.holds('keys', { observed: `known for ${tenantTables.length} tables` });
}

/** A catalogue without a hole leaves no cell behind: what was read stands in the census by itself. */
function tellWhatWasRead(context: BodyContext, { report }: Look): void {
  const broken = new Set(report.cells.filter((cell) => areaOf(cell) === 'catalog').map(({ where }) => where));
  for (const table of report.tenantTables)
    if (!broken.has(table)) context.holds('cells', { cell: table, observed: 'no way around in the catalogue' });
  if (![...broken].some((where) => where.startsWith('role ')))
    context.holds('cells', {
      cell: `role ${report.role}`,
      observed: 'no attribute and no membership that opens a way around',
    });
}
