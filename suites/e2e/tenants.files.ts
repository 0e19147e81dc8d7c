import { randomUUID } from 'node:crypto';
import { isRecord } from '../../platform/json.ts';
import { dataOf, idOf, makeSession } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { freshText } from './library.ts';
import { withHttp } from './room.ts';
import { attempt, type Neighbours, useNeighbours } from './tenants.ts';

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const both = await useNeighbours(context, http, 'files');
    if (both === null) return;
    await knowledgeFiles(context, both);
    await chatFiles(context, both);
  });
export default body;

/** A file that was uploaded as knowledge: neither its text nor its name comes up at a neighbour's. */
async function knowledgeFiles(context: BodyContext, both: Neighbours): Promise<void> {
  const { mark, title, content } = freshText(context);
  const data = Buffer.from(content);
  const file = { name: `${mark}.txt`, type: 'text/plain', size: data.length, data: data.toString('base64') };
  const made = idOf('knowledge.upload', await both.owner.client.mutation('knowledge.upload', { title, content, file }));
  if (!made.ok) return context.breaks('files', made.because);
  const { client, tenantId } = both.owner;
  if (tenantId === null) context.cleanup(async () => void (await client.mutation('knowledge.delete', { id: made.id })));
  const look = (what: string, procedure: string, input: object) =>
    attempt(context, both, {
      what,
      assertion: 'files',
      hidden: [made.id, mark],
      ask: (who) => who.client.query(procedure, input),
    });
  await look('opening a file by its id', 'knowledge.get', { id: made.id });
  // The query is the owner's text: the answer repeats it, so only ids tell whose file was found.
  await attempt(context, both, {
    what: 'searching for its words',
    assertion: 'found-by-search',
    hidden: [made.id],
    ask: (who) => who.client.query('knowledge.search', { query: content, limit: 20 }),
  });
}

/** Files of a chat, where the deployment takes any. */
async function chatFiles(context: BodyContext, both: Neighbours): Promise<void> {
  const session = await makeSession(both.owner);
  if (!session.ok) return context.breaks('files', session.because);
  const mark = `sdf${randomUUID().slice(0, 8)}`;
  const data = Buffer.from(`notes ${mark}`);
  const reply = await both.owner.client.mutation('chat.uploadChatFile', {
    sessionId: session.id,
    fileName: `${mark}.txt`,
    fileType: 'text/plain',
    fileSize: data.length,
    fileContent: data.toString('base64'),
  });
  const made = dataOf(reply);
  if (whyNoData(reply) !== null || !isRecord(made) || typeof made.fileId !== 'string')
    return context.note('no files in chats', `chat.uploadChatFile ${whyNoData(reply) ?? 'answered without a fileId'}`);
  const { fileId } = made;
  await attempt(context, both, {
    what: "opening a chat's file by its id",
    assertion: 'files',
    hidden: [fileId, mark],
    ask: (who) => who.client.query('chat.getChatFile', { fileId }),
  });
}
