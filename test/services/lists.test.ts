import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { register, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-lists-'));
let deployment: ReferenceHandle;
let ann: User;
let bob: User;
const mine: string[] = [];

beforeAll(async () => {
  deployment = handle(await up({ directory, only: ['postgres', 'redis', 'models', 'stubs', 'api'] }));
  [ann, bob] = [await register(deployment), await register(deployment)];
  for (const mode of ['text', 'text', 'text', 'meeting', 'meeting'])
    mine.push((await ann.mutate('sessions.create', { mode })).body.result.data.id);
  await bob.mutate('sessions.create', {});
  await bob.mutate('knowledge.upload', { title: 'Of Bob', content: 'The lift is serviced on Mondays.' });
}, 120_000);
afterAll(() => down(directory), 20_000);

const list = async (path: string, input: object) => (await ann.query(path, input)).body.result.data;
const ids = ({ sessions }: { sessions: { id: string }[] }) => sessions.map(({ id }) => id);

async function planted<T>(name: string, look: () => Promise<T>): Promise<T> {
  await deployment.switch('api', name, true);
  try {
    return await look();
  } finally {
    await deployment.switch('api', name, null);
  }
}

describe('a list', () => {
  test('has totals, pages and filters that agree with what is there', async () => {
    const [first, second] = [
      await list('sessions.list', { limit: 3 }),
      await list('sessions.list', { limit: 3, offset: 3 }),
    ];
    expect([...ids(first), ...ids(second)].sort()).toEqual([...mine].sort());
    expect([first.total, first.hasMore, second.total, second.hasMore]).toEqual([5, true, 5, false]);
    expect(await list('sessions.list', { mode: 'meeting', limit: 1 })).toMatchObject({ total: 2, hasMore: true });
  });

  test('is wrong in its total, its pages or its filters while that is planted', async () => {
    expect((await planted('list-totals-wrong', () => list('sessions.list', {}))).total).toBe(6);
    expect((await planted('list-filters-ignored', () => list('sessions.list', { mode: 'meeting' }))).total).toBe(5);
    const pages = () => Promise.all([0, 2].map((offset) => list('sessions.list', { limit: 2, offset })));
    expect(new Set((await pages()).flatMap(ids)).size).toBe(4);
    expect(new Set((await planted('list-pages-overlap', pages)).flatMap(ids)).size).toBe(3);
  });

  test.each([
    { name: 'foreign-sessions-listed', path: 'sessions.list', input: { limit: 100 }, own: 5 },
    { name: 'foreign-documents-listed', path: 'knowledge.list', input: {}, own: 0 },
    {
      name: 'foreign-documents-found',
      path: 'knowledge.search',
      input: { query: 'when is the lift serviced', minScore: 0.65 },
      own: 0,
    },
  ])('shows what is other tenants’ while $name is on, and never else', async ({ name, path, input, own }) => {
    expect((await list(path, input)).total).toBe(own);
    expect((await planted(name, () => list(path, input))).total).toBeGreaterThan(own);
  });
});

describe('a document', () => {
  const upload = async (title: string, content: string) =>
    (await ann.mutate('knowledge.upload', { title, content })).body.result.data.id as string;
  const text = 'Deliveries arrive at the north gate, and never before noon on a Tuesday.';
  const found = async () =>
    (await list('knowledge.search', { query: 'where do deliveries arrive', minScore: 0.65 })).total as number;
  const sources = async (): Promise<string[]> => {
    const asked = await ann.mutate('chat.sendMessage', { sessionId: mine[0], content: 'Where do deliveries arrive?' });
    const { chunks } = asked.body.result.data.assistantMessage.metadata.rag;
    return chunks.map(({ source }: { source: string }) => source);
  };

  test('is found at once and cited, unless planted otherwise', async () => {
    const id = await upload('Gate', text);
    expect([await found(), await planted('search-blind', found)]).toEqual([1, 0]);
    expect(await sources()).toEqual([id]);
    expect(await planted('citation-missing', sources)).toEqual([]);
    expect((await planted('citation-wrong', sources))[0]).not.toBe(id);
  });

  test('comes with others in one batch', async () => {
    const files = ['One of them.', 'The other one.'].map((content, at) => ({ title: `Part ${at}`, content }));
    const { documents, summary } = (await ann.mutate('knowledge.uploadBatch', { files })).body.result.data;
    expect(documents.map(({ title }: { title: string }) => title)).toEqual(['Part 0', 'Part 1']);
    expect(summary).toMatchObject({ totalDocuments: 2, totalChunks: 2 });
  });

  test('is lost or cut while that is planted', async () => {
    const lost = await planted('upload-lost', () => upload('Lost', text));
    expect((await ann.query('knowledge.get', { id: lost })).status).toBe(404);
    const cut = await planted('upload-cut', () => upload('Cut', text));
    expect((await ann.query('knowledge.get', { id: cut })).body.result.data.content).toBe(text.slice(0, 40));
  });
});
