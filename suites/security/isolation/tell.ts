import type { Cell, RlsReport } from '../../../probes/rls/index.ts';
import type { BodyContext } from '../../../runners/body.ts';
import { type Look, lookOnce } from './look.ts';

/** Runs `work` on the one look at the database; without one it says why to every assertion named. */
export async function withLook(
  context: BodyContext,
  assertions: readonly string[],
  work: (look: Look) => Promise<void>,
): Promise<void> {
  const looked = await lookOnce(context);
  if (looked.kind === 'unmet') return context.unmet(looked.needs);
  if (looked.kind === 'ours') return context.ours('egress-refused', looked.detail);
  if (looked.kind === 'look') return work(looked);
  for (const assertion of assertions) context.breaks(assertion, looked.because);
}

type Area = 'catalog' | 'matrix' | 'context';

/** The tenant's own turn is the matrix; nobody's turn, and a turn with a switch thrown, is the context. */
export function areaOf({ command, context }: Cell): Area {
  if (command === 'CATALOGUE') return 'catalog';
  return context === 'any' || context === 'tenant a' ? 'matrix' : 'context';
}

/** Each cell of one area as a measurement of the census, each finding with its script, and what nobody could look at. */
export function tellArea(context: BodyContext, { report }: Look, area: Area): void {
  const cells = report.cells.filter((cell) => areaOf(cell) === area);
  for (const cell of cells) tellCell(context, cell);
  for (const { check, ...finding } of report.findings) if (check === context.check) context.finding(finding);
  if (area !== 'catalog') tellUnprobed(context, cells, report);
}

function tellCell(context: BodyContext, cell: Cell): void {
  const name = nameOf(cell);
  if (cell.verdict === 'HOLD') context.holds('cells', { cell: name, observed: cell.because });
  if (cell.verdict === 'LEAK') context.breaks('cells', cell.because, { cell: name });
}

const nameOf = ({ where, command, context, variant }: Cell): string => `${where} ${command}, ${context}, ${variant}`;

/** One cell that nobody could look at and the census is not green; the reasons say what would have to be granted or answered. */
function tellUnprobed(context: BodyContext, cells: readonly Cell[], { tenantTables }: RlsReport): void {
  const open = cells.filter(({ verdict }) => verdict === 'UNPROBED');
  const reasons = [...Map.groupBy(open, ({ where, because }) => `${where}: ${because}`)].map(
    ([reason, group]) => `${reason} (${group.length} ${group.length === 1 ? 'cell' : 'cells'})`,
  );
  for (const reason of reasons.slice(0, mostNotes)) context.note('unprobed', reason);
  if (reasons.length > mostNotes) context.note('unprobed', `and ${reasons.length - mostNotes} more reasons`);
  if (open.length === 0) {
    const observed = `${cells.length} cells of ${tenantTables.length} tables with rows of tenants`;
    context.holds('probed', { observed });
  } else {
    const needs = `a look at ${open.length} of ${cells.length} cells that could not be probed: ${reasons.slice(0, 3).join('; ')}`;
    context.unmet(needs, 'probed');
    context.unmet(needs, 'cells');
  }
}

const mostNotes = 40;
