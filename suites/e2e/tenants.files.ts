import { randomUUID } from 'node:crypto';
import type { Account } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, idOf, type Made, makeSession } from '../../platform/people.ts';
import { type Reply, whyNoData } from '../../platform/trpc.ts';
import type { BodyContext } from '../../runners/body.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { freshText, type Text } from './library.ts';
import { withHttp } from './room.ts';
import { sideBySide } from './side-by-side.ts';
import { attempt, mustNotDo, type Neighbours, useNeighbours } from './tenants.ts';

const body: JourneyBody = (context) =>
  withHttp(context, async (http) => {
    const both = await useNeighbours(context, http, 'files');
    if (both === null) return;
    const some = await chatFiles(context, both);
    if (context.environment.parts.knowledge) await knowledgeFiles(context, both);
    else if (!some) context.unmet('a deployment that takes files, in chats or as knowledge', 'files');
  });
export default body;

/** A file that was uploaded as knowledge: neither its text nor its name comes up at a neighbour's. */
async function knowledgeFiles(context: Journey, both: Neighbours): Promise<void> {
  const text = freshText(context);
  const { mark, content } = text;
  const made = await uploadFile(context, both.owner, text);
  if (!made.ok) return context.breaks('files', made.because);
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
  const other = freshText(context);
  const theirs = await uploadFile(context, both.stranger, other);
  if (!theirs.ok) return context.breaks('in-browsers', theirs.because);
  await sideBySide(context, both, {
    owner: { 'the name of a file': mark, 'the id of a file': made.id },
    stranger: { 'the name of a file': other.mark, 'the id of a file': theirs.id },
  });
}

async function uploadFile(
  context: BodyContext,
  { client, tenantId }: Account,
  { mark, title, content }: Text,
): Promise<Made> {
  const data = Buffer.from(content);
  const file = { name: `${mark}.txt`, type: 'text/plain', size: data.length, data: data.toString('base64') };
  const made = idOf('knowledge.upload', await client.mutation('knowledge.upload', { title, content, file }));
  if (made.ok && tenantId === null)
    context.cleanup(async () => void (await client.mutation('knowledge.delete', { id: made.id })));
  return made;
}

/** Files of a chat, where the deployment takes any; false: it takes none. */
async function chatFiles(context: BodyContext, both: Neighbours): Promise<boolean> {
  const session = await makeSession(both.owner);
  if (!session.ok) {
    context.breaks('files', session.because);
    return true;
  }
  const mark = `sdf${randomUUID().slice(0, 8)}`;
  const reply = await uploadToChat(both.owner, session.id, mark);
  const made = dataOf(reply);
  if (whyNoData(reply) !== null || !isRecord(made) || typeof made.fileId !== 'string') {
    context.note('no files in chats', `chat.uploadChatFile ${whyNoData(reply) ?? 'answered without a fileId'}`);
    return false;
  }
  const { fileId } = made;
  await attempt(context, both, {
    what: "opening a chat's file by its id",
    assertion: 'files',
    hidden: [fileId, mark],
    ask: (who) => who.client.query('chat.getChatFile', { fileId }),
  });
  await mustNotDo(context, both.stranger, {
    what: 'uploading a file into a chat',
    assertion: 'files',
    ask: (who) => uploadToChat(who, session.id, `${mark}-of-a-stranger`),
  });
  return true;
}

function uploadToChat({ client }: Account, sessionId: string, name: string): Promise<Reply> {
  const data = Buffer.from(`notes ${name}`);
  return client.mutation('chat.uploadChatFile', {
    sessionId,
    fileName: `${name}.txt`,
    fileType: 'text/plain',
    fileSize: data.length,
    fileContent: data.toString('base64'),
  });
}
