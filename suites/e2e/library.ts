import type { Account } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, idOf, type Made } from '../../platform/people.ts';
import { type Reply, trpc, whyNoData } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';

/** A text of this run that nothing else resembles. */
export interface Text {
  readonly mark: string;
  readonly title: string;
  readonly content: string;
}

export function freshText({ scope }: BodyContext): Text {
  const mark = `sdk${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
  return {
    mark,
    title: `House rules ${mark} (${scope})`,
    content: `The night code of the north gate is ${mark}. The lift is serviced on Mondays.`,
  };
}

/** Texts of this run that have nothing to do with each other. */
export function unrelatedTexts({ scope }: BodyContext): readonly Text[] {
  return subjects.map((subject) => {
    const mark = `sdk${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
    return { mark, title: `Notes ${mark} (${scope})`, content: `${subject} (${mark})` };
  });
}

const subjects = [
  'Penguins lay two eggs in autumn and carry them on their feet until the chicks hatch.',
  'The invoice for printer paper was paid late, so the supplier charged four euros of interest.',
  'Copper melts at 1085 degrees; alloyed with tin it becomes bronze and casts far more easily.',
  'Our choir rehearses the requiem on Thursdays, sopranos at six, basses half an hour later.',
  'A sailing boat close to the wind heels over, and its crew leans out to keep the hull flat.',
];

/** Uploads a text, to be searched; what goes into a tenant that stays is taken out again. */
export const upload = (context: BodyContext, account: Account, text: Text): Promise<Made> =>
  keep(context, account, 'knowledge.upload', text);

/** Only stores it, which takes no provider of embeddings. */
export const createDocument = (context: BodyContext, account: Account, text: Text): Promise<Made> =>
  keep(context, account, 'knowledge.create', text);

async function keep(
  context: BodyContext,
  { client, tenantId, session }: Account,
  procedure: string,
  text: Text,
): Promise<Made> {
  const made = idOf(procedure, await client.mutation(procedure, { title: text.title, content: text.content }));
  if (made.ok && tenantId === null) context.cleanup(() => remove(context, session.headers, made.id, text));
  return made;
}

async function remove(
  context: BodyContext,
  headers: Readonly<Record<string, string>>,
  id: string,
  { title }: Text,
): Promise<void> {
  const { environment } = context;
  const http = openHttp({ environment, now: context.now, signal: AbortSignal.timeout(8_000) });
  const wrong = whyNoData(await trpc(http, { ...environment.api!, headers }).mutation('knowledge.delete', { id }));
  await http.close();
  if (wrong !== null && !wrong.includes('NOT_FOUND'))
    context.residue('knowledge document', title, `knowledge.delete: ${wrong}`);
}

/** What a list procedure answered. */
export interface Page {
  readonly rows: readonly Record<string, unknown>[];
  readonly total: number;
  readonly hasMore: unknown;
}

export function pageOf(procedure: string, key: string, reply: Reply): Page | string {
  const wrong = whyNoData(reply);
  if (wrong !== null) return `${procedure}: ${wrong}`;
  const data = dataOf(reply);
  if (!isRecord(data) || !Array.isArray(data[key])) return `${procedure} answered without ${key}`;
  return { rows: data[key].filter(isRecord), total: Number(data.total), hasMore: data.hasMore };
}

/** Documents a search found, best first; a text says why there are none. */
export async function search(
  { client }: Account,
  query: string,
  wanted: { readonly limit: number; readonly minScore?: number } = { limit: 5 },
): Promise<readonly string[] | string> {
  const page = pageOf('knowledge.search', 'results', await client.query('knowledge.search', { query, ...wanted }));
  return typeof page === 'string' ? page : page.rows.map(({ documentId }) => String(documentId));
}
