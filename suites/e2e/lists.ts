import type { Account } from '../../platform/accounts.ts';
import { makeTenant } from '../../platform/accounts.ts';
import { idOf, type Made, raisePlan } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { freshText, pageOf } from './library.ts';
import { notStarted, withHttp } from './room.ts';

/** A tenant of its own, or it would not be known what is there. */
const body: Body = (context) =>
  withHttp(context, async (http) => {
    if (!context.environment.accounts?.create) return context.unmet('accounts.create');
    const use = await makeTenant(context, http);
    if (use.kind !== 'account') return void notStarted(context, 'totals', use);
    await raisePlan(context, [use.account]);
    const things = await furnish(context, use.account);
    if (typeof things === 'string') return context.breaks('totals', things);
    for (const list of listsOf(use.account, things)) await holdAgainst(context, use.account, list);
  });
export default body;

interface Things {
  /** Four open text, three ended text, two open meeting, one ended meeting. */
  readonly sessions: readonly { readonly id: string; readonly mode: 'text' | 'meeting'; readonly ended: boolean }[];
  readonly documents: readonly { readonly id: string; readonly title: string; readonly category: string }[];
}

async function furnish(context: BodyContext, { client }: Account): Promise<Things | string> {
  const wanted = [
    ...four('text', false),
    ...four('text', true).slice(1),
    ...four('meeting', false).slice(2),
    ...four('meeting', true).slice(3),
  ];
  const sessions: Things['sessions'][number][] = [];
  for (const one of wanted) {
    const made = idOf('sessions.create', await client.mutation('sessions.create', { mode: one.mode }));
    if (!made.ok) return made.because;
    const wrong = one.ended ? whyNoData(await client.mutation('sessions.end', { id: made.id })) : null;
    if (wrong !== null) return `sessions.end: ${wrong}`;
    sessions.push({ ...one, id: made.id });
  }
  const documents: Things['documents'][number][] = [];
  for (let i = 0; i < 7; i++) {
    const { title, content } = freshText(context);
    const category = i < 4 ? 'gates' : 'lifts';
    const made: Made = idOf(
      'knowledge.create',
      await client.mutation('knowledge.create', { title, content, category }),
    );
    if (!made.ok) return made.because;
    documents.push({ id: made.id, title, category });
  }
  return { sessions, documents };
}

const four = (mode: 'text' | 'meeting', ended: boolean) => Array.from({ length: 4 }, () => ({ mode, ended }));

interface List {
  readonly what: string;
  readonly procedure: string;
  readonly key: string;
  readonly filter: Readonly<Record<string, unknown>>;
  /** Ids that must come, no more and no less. */
  readonly ids: readonly string[];
}

function listsOf(account: Account, { sessions, documents }: Things): readonly List[] {
  const sessionsThat = (
    what: string,
    filter: List['filter'],
    is: (one: Things['sessions'][number]) => boolean,
  ): List => ({
    what,
    procedure: 'sessions.list',
    key: 'sessions',
    filter,
    ids: sessions.filter(is).map(({ id }) => id),
  });
  const documentsThat = (
    what: string,
    filter: List['filter'],
    is: (one: Things['documents'][number]) => boolean,
  ): List => ({
    what,
    procedure: 'knowledge.list',
    key: 'documents',
    filter,
    ids: documents.filter(is).map(({ id }) => id),
  });
  const [first] = documents;
  return [
    sessionsThat('all sessions', { includeEnded: true }, () => true),
    sessionsThat('open sessions', {}, ({ ended }) => !ended),
    sessionsThat('meeting sessions', { mode: 'meeting', includeEnded: true }, ({ mode }) => mode === 'meeting'),
    sessionsThat('open text sessions', { mode: 'text' }, ({ mode, ended }) => mode === 'text' && !ended),
    documentsThat('all documents', {}, () => true),
    documentsThat('documents of a category', { category: 'gates' }, ({ category }) => category === 'gates'),
    documentsThat('documents by title', { search: first!.title }, ({ title }) => title === first!.title),
    documentsThat('a title in another category', { search: first!.title, category: 'lifts' }, () => false),
    ...(account.userId === null
      ? []
      : [
          { what: 'owners', procedure: 'users.list', key: 'users', filter: { role: 'owner' }, ids: [account.userId] },
          { what: 'members', procedure: 'users.list', key: 'users', filter: { role: 'member' }, ids: [] },
        ]),
  ];
}

const pageSize = 3;

/** Reads a list page by page and beyond its end, and holds what came against what is there. */
async function holdAgainst(context: BodyContext, { client }: Account, list: List): Promise<void> {
  const { what, procedure, key, filter, ids } = list;
  const seen: string[] = [];
  const pages = Math.ceil(ids.length / pageSize) + 1;
  for (let number = 0; number < pages; number++) {
    const offset = number * pageSize;
    const page = pageOf(procedure, key, await client.query(procedure, { ...filter, limit: pageSize, offset }));
    if (typeof page === 'string') return context.breaks('totals', `${what}: ${page}`);
    seen.push(...page.rows.map(({ id }) => String(id)));
    say(context, 'totals', page.total === ids.length, `${what}: total is ${page.total} where ${ids.length} are there`);
    const more = offset + pageSize < ids.length;
    say(
      context,
      'paging',
      page.hasMore === more,
      `${what}: hasMore is ${String(page.hasMore)} at ${offset} of ${ids.length}`,
    );
  }
  const missing = ids.filter((id) => !seen.includes(id)).length;
  const strange = seen.filter((id) => !ids.includes(id)).length;
  const twice = seen.length - new Set(seen).size;
  say(context, 'filters', strange === 0, `${what}: ${strange} came that do not belong to it`);
  say(
    context,
    'paging',
    missing === 0 && twice === 0,
    `${what}: page by page ${missing} of ${ids.length} never came and ${twice} came twice`,
  );
}

function say(context: BodyContext, assertion: string, holds: boolean, because: string): void {
  if (holds) context.holds(assertion);
  else context.breaks(assertion, because);
}
