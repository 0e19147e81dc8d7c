import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../../platform/json.ts';
import { complaints, goTo, newComplaint } from '../../platform/pages/dashboard.ts';
import { firstSeen } from '../../platform/pages/find.ts';
import { listed, type Upload, uploadFile } from '../../platform/pages/knowledge.ts';
import { dataOf } from '../../platform/people.ts';
import { type AtDashboard, atDashboard } from './at-dashboard.ts';
import { pageOf } from './library.ts';
import { isLimit } from './room.ts';

export default atDashboard(['listed', 'stored'], async (at) => {
  const { journey } = at;
  const title = `guide-${journey.scope}-${crypto.randomUUID().slice(0, 8)}`;
  const text = textOf(title);
  const file = { name: `${title}.md`, mimeType: 'text/markdown', buffer: Buffer.from(text) };
  journey.cleanup(() => remove(at, title));
  if (!(await journey.shows('listed', () => upload(at, file, title)))) return;
  await isStored(at, title, text);
  await isFoundToItsEnd(at, title);
});

/** Long enough for about twelve pieces, with a word of its own in the last one, and letters of more than one byte. */
const textOf = (title: string): string =>
  [
    `# ${title}`,
    ...Array.from({ length: 200 }, (_, i) => `Step ${i + 1} of ${title}: turn the key once more.`),
    'Signs on the key: ä € 漢 🙂.',
    lastLine(title),
  ].join('\n\n');
const lastWord = (title: string): string => `end-of-${title}`;
const lastLine = (title: string): string => `The last word is ${lastWord(title)}.`;

/** The lines that are not there; what marks a heading is not part of its words. */
const missingFrom = (content: string, text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/^#+ /, ''))
    .filter((line) => line !== '' && !content.normalize('NFC').includes(line));

async function upload({ journey, person: { page }, dashboard, patienceMs }: AtDashboard, file: Upload, title: string) {
  await journey.does('opening the knowledge page', () => goTo(page, dashboard, 'knowledge'));
  await page.waitForTimeout(300);
  const noise = await complaints(page);
  await journey.does('uploading a document', () => uploadFile(page, file, patienceMs));
  await journey.sees('it was not in the list of documents', async (withinMs) => {
    const trouble = newComplaint(page, noise, withinMs);
    const seen = await Promise.race([firstSeen({ listed: listed(page, title) }, withinMs), trouble.catch(() => null)]);
    if (seen !== 'listed') throw new Error(seen ?? 'not listed');
  });
  await journey.does('uploading a document and reloading the page', async () => void (await page.reload()));
  await journey.sees('it was no longer in the list of documents', (timeout) =>
    listed(page, title).waitFor({ timeout }),
  );
}

/** What is listed need not be whole. */
async function isStored({ journey, account: { client } }: AtDashboard, title: string, text: string): Promise<void> {
  const id = await idOfTitle({ client }, title);
  const document = id === null ? undefined : dataOf(await client.query('knowledge.get', { id }));
  const content = isRecord(document) && typeof document.content === 'string' ? document.content : null;
  const expected = `the document with all of its ${text.length} letters`;
  const missing = content === null ? [] : missingFrom(content, text);
  if (content !== null && missing.length === 0)
    return journey.holds('stored', { expected, observed: `${content.length} letters` });
  const observed =
    content === null
      ? 'no such document'
      : `${content.length} letters without ${missing.length} of its lines, among them "${missing.at(-1)}"`;
  journey.breaks('stored', `after uploading a document the API gave ${observed}`, { expected, observed });
}

/** What a search has: as many results as it gives, however little they are like what was asked. */
const widest = { limit: 20, minScore: 0.01 };

/** Documents are searched piece by piece: all of one may be stored and only its first piece be found. */
async function isFoundToItsEnd({ journey, account: { client }, patienceMs }: AtDashboard, title: string) {
  const startMs = journey.now();
  const query = lastLine(title);
  for (;;) {
    const page = pageOf('knowledge.search', 'results', await client.query('knowledge.search', { query, ...widest }));
    if (typeof page === 'string' && isLimit(page))
      return journey.unmet(`a plan of the tenant that lets this check search (${page})`, 'found');
    const pieces = typeof page === 'string' ? [] : page.rows;
    if (pieces.some(({ content }) => String(content).includes(lastWord(title))))
      return journey.holds('found', { startMs, observed: `among ${pieces.length} pieces` });
    if (journey.now() - startMs >= patienceMs || journey.signal.aborted)
      return journey.breaks('found', typeof page === 'string' ? page : notFound(pieces.length, patienceMs), {
        startMs,
      });
    await sleep(500);
  }
}

const notFound = (pieces: number, withinMs: number): string =>
  `after uploading a document a search for its last line gave ${pieces} pieces within ${withinMs / 1000} s, and none that holds it`;

async function idOfTitle({ client }: Pick<AtDashboard['account'], 'client'>, title: string): Promise<string | null> {
  const list = dataOf(await client.query('knowledge.list', { search: title, limit: 20 }));
  const rows = isRecord(list) && Array.isArray(list.documents) ? list.documents.filter(isRecord) : [];
  const found = rows.find((row) => typeof row.title === 'string' && row.title.includes(title));
  return typeof found?.id === 'string' ? found.id : null;
}

async function remove({ journey, account }: AtDashboard, title: string): Promise<void> {
  // A tenant of this run goes with all it has.
  if (account.tenantId !== null) return;
  const id = await idOfTitle(account, title).catch(() => null);
  const gone = id !== null && (await account.client.mutation('knowledge.delete', { id })).ok;
  if (!gone) journey.residue('document', title, 'knowledge.delete did not remove it');
}
