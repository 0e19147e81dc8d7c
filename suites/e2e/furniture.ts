import type { Account } from '../../platform/accounts.ts';
import { idOf, type Made } from '../../platform/people.ts';
import { type Reply, whyNoData } from '../../platform/trpc.ts';
import type { BodyContext } from '../../runners/body.ts';
import { freshText, pageOf } from './library.ts';
import { isLimit } from './room.ts';

/** What is put into a tenant so that its lists can be held against it, in the order in which it was made. */
export interface Things {
  /** Four open text, three ended text, two open meeting, one ended meeting. */
  readonly sessions: readonly { readonly id: string; readonly mode: 'text' | 'meeting'; readonly ended: boolean }[];
  /** Four of one category and three of another, and what a new tenant begins with. */
  readonly documents: readonly { readonly id: string; readonly title: string; readonly category: string }[];
  /** Null: left out, and said so. */
  readonly members: readonly { readonly id: string; readonly email: string }[] | null;
  readonly widgets: readonly { readonly id: string; readonly active: boolean }[] | null;
  /** Of one session. */
  readonly messages: { readonly sessionId: string; readonly ids: readonly string[] } | null;
}

type Client = Account['client'];

export async function furnish(context: BodyContext, { client }: Account): Promise<Things | string> {
  const sessions = await makeSessions(client);
  if (typeof sessions === 'string') return sessions;
  const documents = await makeDocuments(context, client);
  if (typeof documents === 'string') return documents;
  const members = await orLeftOut(context, 'members', await makeMembers(context, client));
  const widgets = await orLeftOut(context, 'widgets', await makeWidgets(context, client));
  const open = sessions[0]!.id;
  const ids = await orLeftOut(context, 'messages', await makeMessages(client, open));
  const made = { sessions, documents, members, widgets, messages: ids };
  const trouble = Object.values(made).find((one) => typeof one === 'string');
  if (trouble !== undefined) return trouble;
  return { ...made, messages: ids === null ? null : { sessionId: open, ids } } as Things;
}

/** A deployment need not have every list, nor a plan that takes many; a call that fails otherwise is broken. */
async function orLeftOut<T>(context: BodyContext, what: string, made: T | string): Promise<T | string | null> {
  if (typeof made !== 'string' || !(isLimit(made) || /answered (402|404|412)\b/.test(made))) return made;
  context.note('a list was left out', `${what}: ${made}`);
  return null;
}

async function makeSessions(client: Client): Promise<Things['sessions'] | string> {
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
  return sessions;
}

const four = (mode: 'text' | 'meeting', ended: boolean) => Array.from({ length: 4 }, () => ({ mode, ended }));

async function makeDocuments(context: BodyContext, client: Client): Promise<Things['documents'] | string> {
  const before = thereBefore('knowledge.list', 'documents', await client.query('knowledge.list', { limit: 100 }));
  const documents = before.map(({ id, title, category }) => ({
    ...{ id: String(id), title: String(title), category: String(category) },
  }));
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
  return documents;
}

/** A platform may give each new tenant something to begin with; more than a few would be somebody else's. */
function thereBefore(procedure: string, key: string, reply: Reply): readonly Record<string, unknown>[] {
  const page = pageOf(procedure, key, reply);
  return typeof page === 'string' || page.rows.length > 5 ? [] : page.rows;
}

async function makeMembers(context: BodyContext, client: Client): Promise<Things['members'] | string> {
  const members: { id: string; email: string }[] = [];
  for (let i = 0; i < 4; i++) {
    const email = `${context.scope}-member-${crypto.randomUUID().slice(0, 8)}@example.com`;
    const made = idOf('users.create', await client.mutation('users.create', { email, name: `Member ${i + 1}` }));
    if (!made.ok) return made.because;
    members.push({ id: made.id, email });
  }
  return members;
}

async function makeWidgets(context: BodyContext, client: Client): Promise<Things['widgets'] | string> {
  const before = thereBefore('widgets.list', 'widgets', await client.query('widgets.list', { limit: 100 }));
  const widgets = before.map(({ id, isActive }) => ({ id: String(id), active: isActive !== false }));
  for (let i = 0; i < 4; i++) {
    const input = { name: `Widget ${i + 1} of ${context.scope}`, domainWhitelist: ['https://example.com'] };
    const made = idOf('widgets.create', await client.mutation('widgets.create', input));
    if (!made.ok) return made.because;
    const active = i > 0;
    const wrong = active ? null : whyNoData(await client.mutation('widgets.update', { id: made.id, isActive: false }));
    if (wrong !== null) return `widgets.update: ${wrong}`;
    widgets.push({ id: made.id, active });
  }
  return widgets;
}

/** In a role that is only stored and asks no model. */
async function makeMessages(client: Client, sessionId: string): Promise<readonly string[] | string> {
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) {
    const input = { sessionId, role: 'assistant', content: `Message ${i + 1} of seven` };
    const reply = await client.mutation('sessions.sendMessage', input);
    const wrong = whyNoData(reply);
    if (wrong !== null) return `sessions.sendMessage: ${wrong}`;
  }
  const page = pageOf(
    'sessions.listMessages',
    'messages',
    await client.query('sessions.listMessages', { sessionId, limit: 100 }),
  );
  if (typeof page === 'string') return page;
  for (let i = 0; i < 7; i++) {
    const row = page.rows.find(({ content }) => content === `Message ${i + 1} of seven`);
    if (row === undefined) return `sessions.listMessages does not give message ${i + 1} of the 7 that were sent`;
    ids.push(String(row.id));
  }
  return ids;
}
