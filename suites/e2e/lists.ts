import type { Account } from '../../platform/accounts.ts';
import { makeTenant } from '../../platform/accounts.ts';
import { raisePlan } from '../../platform/people.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { furnish, type Things } from './furniture.ts';
import { pageOf } from './library.ts';
import { isLimit, notStarted, withHttp } from './room.ts';

/** A tenant of its own, or it would not be known what is there. */
const body: Body = (context) =>
  withHttp(context, async (http) => {
    if (!context.environment.accounts?.create) return context.unmet('accounts.create');
    const use = await makeTenant(context, http);
    if (use.kind !== 'account') return void notStarted(context, 'totals', use);
    await raisePlan(context, [use.account]);
    const things = await furnish(context, use.account);
    if (typeof things === 'string')
      return isLimit(things) ? limited(context, things) : context.breaks('totals', things);
    for (const list of basicLists(things)) {
      const limit = await holdAgainst(context, use.account, list);
      if (limit !== null) return limited(context, limit);
    }
    for (const list of furtherLists(use.account, things)) {
      const limit = await holdAgainst(context, use.account, list);
      if (limit !== null) return context.note('fewer lists', limit);
    }
  });
export default body;

const limited = (context: BodyContext, because: string): void =>
  context.unmet(`a plan of the tenant that lets this check ask (database.serviceUrl raises it; ${because})`);

interface List {
  readonly what: string;
  readonly procedure: string;
  readonly key: string;
  readonly filter: Readonly<Record<string, unknown>>;
  /** Ids that must come, no more and no less. */
  readonly ids: readonly string[];
  /** In this order; the contract states one for sessions and messages alone. */
  readonly ordered?: true;
}

const idsOf = <T extends { readonly id: string }>(all: readonly T[], is: (one: T) => boolean): string[] =>
  all.filter(is).map(({ id }) => id);

function basicLists({ sessions, documents }: Things): readonly List[] {
  const newestFirst = sessions.toReversed();
  const sessionsThat = (
    what: string,
    filter: List['filter'],
    is: (one: Things['sessions'][number]) => boolean,
  ): List => ({
    ...{ what, procedure: 'sessions.list', key: 'sessions', filter, ids: idsOf(newestFirst, is), ordered: true },
  });
  const documentsThat = (
    what: string,
    filter: List['filter'],
    is: (one: Things['documents'][number]) => boolean,
  ): List => ({ what, procedure: 'knowledge.list', key: 'documents', filter, ids: idsOf(documents, is) });
  const last = documents.at(-1)!;
  return [
    sessionsThat('all sessions', { includeEnded: true }, () => true),
    sessionsThat('open sessions', {}, ({ ended }) => !ended),
    sessionsThat('meeting sessions', { mode: 'meeting', includeEnded: true }, ({ mode }) => mode === 'meeting'),
    sessionsThat('open text sessions', { mode: 'text' }, ({ mode, ended }) => mode === 'text' && !ended),
    documentsThat('all documents', {}, () => true),
    documentsThat('documents of a category', { category: 'gates' }, ({ category }) => category === 'gates'),
    documentsThat('documents by title', { search: last.title }, ({ title }) => title === last.title),
    documentsThat('a title in another category', { search: last.title, category: 'gates' }, () => false),
  ];
}

function furtherLists(account: Account, { members, widgets, messages }: Things): readonly List[] {
  return [
    ...(members === null || account.userId === null ? [] : listsOfPeople(account.userId, members)),
    ...(widgets === null ? [] : listsOfWidgets(widgets)),
    ...(messages === null ? [] : [listOfMessages(messages)]),
  ];
}

function listsOfPeople(owner: string, members: NonNullable<Things['members']>): readonly List[] {
  const all = members.map(({ id }) => id);
  const { email } = members[0]!;
  const people = (what: string, filter: List['filter'], ids: readonly string[]): List => ({
    ...{ what, procedure: 'users.list', key: 'users', filter, ids },
  });
  return [
    people('all users', {}, [owner, ...all]),
    people('owners', { role: 'owner' }, [owner]),
    people('members', { role: 'member' }, all),
    people('admins', { role: 'admin' }, []),
    people('users by e-mail', { search: email }, [all[0]!]),
    people("a member's e-mail among owners", { search: email, role: 'owner' }, []),
  ];
}

function listsOfWidgets(widgets: NonNullable<Things['widgets']>): readonly List[] {
  const those = (what: string, filter: List['filter'], is: (one: { readonly active: boolean }) => boolean): List => ({
    ...{ what, procedure: 'widgets.list', key: 'widgets', filter, ids: idsOf(widgets, is) },
  });
  return [
    those('all widgets', {}, () => true),
    those('active widgets', { isActive: true }, ({ active }) => active),
    those('inactive widgets', { isActive: false }, ({ active }) => !active),
  ];
}

const listOfMessages = ({ sessionId, ids }: NonNullable<Things['messages']>): List => ({
  ...{ what: 'the messages of a session', procedure: 'sessions.listMessages', key: 'messages', ordered: true },
  ...{ filter: { sessionId }, ids },
});

const pageSize = 3;

/** Reads a list page by page and beyond its end, and holds what came against what is there; a text says that one may not ask so often. */
async function holdAgainst(context: BodyContext, { client }: Account, list: List): Promise<string | null> {
  const { what, procedure, key, filter, ids } = list;
  const seen: string[] = [];
  const pages = Math.ceil(ids.length / pageSize) + 1;
  for (let number = 0; number < pages; number++) {
    const offset = number * pageSize;
    const page = pageOf(procedure, key, await client.query(procedure, { ...filter, limit: pageSize, offset }));
    if (typeof page === 'string' && isLimit(page)) return page;
    if (typeof page === 'string') {
      context.breaks('totals', `${what}: ${page}`);
      return null;
    }
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
  compare(context, list, seen);
  return null;
}

function compare(context: BodyContext, { what, ids, ordered }: List, seen: readonly string[]): void {
  const missing = ids.filter((id) => !seen.includes(id)).length;
  const strange = seen.filter((id) => !ids.includes(id)).length;
  const twice = seen.length - new Set(seen).size;
  say(context, 'filters', strange === 0, `${what}: ${strange} came that do not belong to it`);
  const whole = missing === 0 && twice === 0;
  say(context, 'paging', whole, `${what}: page by page ${missing} of ${ids.length} never came and ${twice} came twice`);
  if (!ordered || !whole || strange > 0) return;
  const astray = ids.findIndex((id, i) => seen[i] !== id);
  say(context, 'order', astray === -1, `${what}: number ${astray + 1} is another one by the time it was made`);
}

function say(context: BodyContext, assertion: string, holds: boolean, because: string): void {
  if (holds) context.holds(assertion);
  else context.breaks(assertion, because);
}
