import { raisePlan } from '../../platform/people.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { createDocument, freshText, type Text } from './library.ts';
import { otherData } from './other-data.ts';
import { withHttp } from './room.ts';
import { type Marks, sideBySide } from './side-by-side.ts';
import { attempt, everyPage, type Kept, mustNotDo, mustStay, type Neighbours, useNeighbours } from './tenants.ts';

type Journey = Parameters<JourneyBody>[0];

const body: JourneyBody = (context) =>
  withHttp(context, async (http) => {
    const both = await useNeighbours(context, http, 'documents');
    if (both === null) return;
    await raisePlan(context, [both.owner, both.stranger]);
    const [owner, stranger] = [await documentOf(context, both, 'owner'), await documentOf(context, both, 'stranger')];
    if (owner !== null) await documents(context, both, owner);
    await people(context, both);
    const others = await otherData(context, both);
    await sideBySide(context, both, { owner: { ...marksOf(owner), ...others }, stranger: marksOf(stranger) });
  });
export default body;

interface Stored extends Text {
  readonly id: string;
}

/** Null: said why not. */
async function documentOf(context: Journey, both: Neighbours, whose: keyof Neighbours): Promise<Stored | null> {
  const text = freshText(context);
  const made = await createDocument(context, both[whose], text);
  if (made.ok) return { ...text, id: made.id };
  // Documents are stored without a provider of embeddings, but a deployment without knowledge need not store any.
  if (context.environment.parts.knowledge) context.breaks('documents', made.because);
  else for (const row of ['documents', 'changes']) context.unmet(`documents (${made.because})`, row);
  return null;
}

const marksOf = (stored: Stored | null): Marks =>
  stored === null ? {} : { 'the title of a document': stored.mark, 'the id of a document': stored.id };

async function documents(context: Journey, both: Neighbours, { id, mark }: Stored): Promise<void> {
  const { owner, stranger } = both;
  const seen = { assertion: 'documents', hidden: [id, mark] };
  await attempt(context, both, {
    ...seen,
    what: 'listing documents',
    ask: ({ client }) => everyPage(client, 'knowledge.list', 'documents'),
  });
  await attempt(context, both, {
    ...seen,
    what: 'listing documents by title',
    ask: ({ client }) => client.query('knowledge.list', { search: mark }),
  });
  const opening = { ...seen, ask: ({ client }: Neighbours['owner']) => client.query('knowledge.get', { id }) };
  await attempt(context, both, { ...opening, what: 'opening a document by its id' });
  const change = (what: string, procedure: string, input: object) =>
    mustNotDo(context, stranger, {
      what,
      assertion: 'changes',
      ask: ({ client }) => client.mutation(procedure, input),
    });
  const kept: Kept = {
    ...opening,
    what: 'the document',
    assertion: 'changes',
    of: ({ title, content }) => ({ 'the title': title, 'the content': content }),
  };
  await mustStay(context, owner, [kept], async () => {
    await change('changing the title of a document', 'knowledge.update', { id, title: `taken ${mark}` });
    await change('changing the content of a document', 'knowledge.update', { id, content: `taken ${mark}` });
    await change('deleting a document', 'knowledge.delete', { id });
  });
  await attempt(context, both, { ...opening, what: 'opening it after the attempts' });
}

async function people(context: Journey, both: Neighbours): Promise<void> {
  const { owner } = both;
  const seen = { assertion: 'people', hidden: [owner.email] };
  await attempt(context, both, {
    ...seen,
    what: 'listing users',
    ask: ({ client }) => everyPage(client, 'users.list', 'users'),
  });
  await attempt(context, both, {
    ...seen,
    what: 'looking a user up by address',
    ask: ({ client }) => client.query('users.list', { search: owner.email }),
  });
  if (owner.userId !== null)
    await attempt(context, both, {
      ...seen,
      what: 'opening a user by id',
      ask: ({ client }) => client.query('users.get', { id: owner.userId }),
    });
}
