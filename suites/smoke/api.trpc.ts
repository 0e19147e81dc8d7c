import { type Batch, issuesOf, type Outcome, type Reply, type Trpc, trpc, whyNoData } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const body: Body = async (context) => {
  const { api } = context.environment;
  if (api === null) {
    context.unmet('api');
    return;
  }
  const http = openHttp(context);
  try {
    const client = trpc(http, api);
    const unknown = `shakedown.${context.scope.replace(/\W/g, '')}`;
    const call = await publicQuery(context, client, api.publicQuery);
    if (call === null) return;
    await batchOfTwo(context, client, call);
    await mixedBatch(context, client, call, unknown);
    await unknownProcedure(context, client, unknown);
    await wrongInput(context, client);
    await wrongVerb(context, client, api.publicQuery);
  } finally {
    await http.close();
  }
};
export default body;

interface Call {
  readonly path: string;
  readonly input?: unknown;
}

/** The call that can be asked again; null when nothing answered at all: the other questions would only wait for the same time-out. */
async function publicQuery(context: BodyContext, client: Trpc, path: string): Promise<Call | null> {
  const bare = await client.query(path);
  // Some public queries take no input and some want an empty object; both are as documented.
  const call: Call = isBadInput(bare) ? { path, input: {} } : { path };
  const reply = isBadInput(bare) ? await client.query(path, {}) : bare;
  record(context, 'query', whyNoData(reply), `data from ${path}`, reply);
  if (reply.status !== null) return call;
  for (const assertion of ['batch', 'mixed', 'unknown', 'input', 'verb']) {
    context.breaks(assertion, reply.ok ? 'nothing was answered' : reply.because);
  }
  return null;
}

const isBadInput = (reply: Reply): boolean =>
  reply.ok && reply.outcome.kind === 'error' && reply.outcome.error.name === 'BAD_REQUEST';

async function batchOfTwo(context: BodyContext, client: Trpc, call: Call): Promise<void> {
  recordBatch(
    context,
    'batch',
    await client.batchOfQueries([call, call]),
    'two good calls',
    '200 with a result and a result',
  );
}

async function mixedBatch(context: BodyContext, client: Trpc, call: Call, unknown: string): Promise<void> {
  const batch = await client.batchOfQueries([call, { path: unknown }]);
  recordBatch(context, 'mixed', batch, 'a good and an unknown call', '207 with a result and NOT_FOUND');
}

function recordBatch(context: BodyContext, assertion: string, batch: Batch, asked: string, expected: string): void {
  const observed = batch.ok ? `${batch.status} with ${batch.outcomes.map(named).join(' and ')}` : batch.because;
  if (observed === expected) context.holds(assertion, { expected, observed });
  else context.breaks(assertion, `${asked} in a batch: ${observed}`, { expected, observed });
}

const named = (outcome: Outcome): string => (outcome.kind === 'data' ? 'a result' : outcome.error.name);

async function unknownProcedure(context: BodyContext, client: Trpc, unknown: string): Promise<void> {
  const reply = await client.query(unknown);
  const wrong = wrongWithError(reply, { status: 404, name: 'NOT_FOUND', code: -32004 });
  record(context, 'unknown', wrong, '404 NOT_FOUND (-32004)', reply);
}

/** Sign-in with numbers for words: refused before anything is looked up, and public everywhere. */
async function wrongInput(context: BodyContext, client: Trpc): Promise<void> {
  const login = await client.mutation('auth.login', { email: 42, password: false });
  // The sign-in limit of an address is small; a refusal for that reason is answered by a query with the same rule for input.
  const reply = isLimited(login) ? await client.query('surveys.getBySession', { sessionId: 'no-id' }) : login;
  const wrong = wrongWithError(reply, { status: 400, name: 'BAD_REQUEST', code: -32600 }) ?? wrongWithIssues(reply);
  record(context, 'input', wrong, '400 BAD_REQUEST (-32600) that lists the issues', reply);
}

const isLimited = (reply: Reply): boolean => reply.status === 429;

async function wrongVerb(context: BodyContext, client: Trpc, path: string): Promise<void> {
  const reply = await client.mutation(path, {});
  const wrong = wrongWithError(reply, { status: 405, name: 'METHOD_NOT_SUPPORTED', code: -32005 });
  record(context, 'verb', wrong, '405 METHOD_NOT_SUPPORTED (-32005)', reply);
}

interface Promised {
  readonly status: number;
  readonly name: string;
  readonly code: number;
}

function wrongWithError(reply: Reply, promised: Promised): string | null {
  if (!reply.ok) return reply.because;
  const { status, outcome } = reply;
  if (outcome.kind === 'data') return `was answered ${status} with data`;
  const { name, code, httpStatus } = outcome.error;
  if (status !== promised.status || name !== promised.name) return `was answered ${status} ${name}`;
  if (code !== promised.code) return `carries the code ${code}`;
  return httpStatus === status ? null : `says httpStatus ${httpStatus} and was sent with ${status}`;
}

const wrongWithIssues = (reply: Reply): string | null =>
  reply.ok && reply.outcome.kind === 'error' && issuesOf(reply.outcome.error.message) === null
    ? 'does not list the issues of the input in its message'
    : null;

function record(context: BodyContext, assertion: string, wrong: string | null, expected: string, reply: Reply): void {
  const seen = { startMs: reply.answer.startMs, expected, observed: observed(reply) };
  if (wrong === null) context.holds(assertion, seen);
  else context.breaks(assertion, wrong, seen);
}

function observed(reply: Reply): string {
  if (!reply.ok) return reply.because;
  return reply.outcome.kind === 'data' ? `${reply.status} with data` : `${reply.status} ${reply.outcome.error.name}`;
}
