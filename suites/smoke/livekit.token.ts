import { randomUUID } from 'node:crypto';
import { forge, issue, keyOf, mint, removeAtTheEnd, type Ticket } from '../../platform/meetings.ts';
import { type Http, openHttp } from '../../probes/http.ts';
import { join, type Tried, validate } from '../../probes/livekit.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const body: Body = async (context) => {
  const http = openHttp(context);
  try {
    const issued = await issue(context, http, randomUUID());
    if (issued.kind === 'unmet') context.unmet(issued.needs);
    else if (issued.kind === 'failed') context.breaks('accepted', `no token was to be had: ${issued.because}`);
    else await examine(context, http, issued);
  } finally {
    await http.close();
  }
};
export default body;

async function examine(context: BodyContext, http: Http, ticket: Ticket): Promise<void> {
  const { meetings } = context.environment;
  if (meetings === null) return context.unmet('meetings');
  const key = keyOf(meetings);
  if (key) removeAtTheEnd(context, meetings.url, key, ticket.room);
  const before = await accepted(context, http, ticket.token);
  const refusals: Refusal[] = [['forged', await tries(context, http, await forge(ticket.token))]];
  if (key)
    refusals.push([
      'expired',
      await tries(context, http, await mint(key, { ...guest(context, ticket), ttlSeconds: -3600 })),
    ]);
  else context.unmet('meetings.tokens.mint', 'expired');
  const after = before && (await accepted(context, http, ticket.token));
  for (const refusal of refusals) recordRefusal(context, refusal, after);
}

type Refusal = readonly [assertion: 'forged' | 'expired', tried: readonly Tried[]];

const guest = ({ scope }: BodyContext, { room }: Ticket) => ({
  room,
  identity: `${scope}-late`,
  userName: `${scope}-late`,
});

const tries = async (context: BodyContext, http: Http, token: string): Promise<readonly Tried[]> => {
  const url = context.environment.meetings?.url ?? '';
  return [await validate(http, url, token), await join(context, url, token)];
};

async function accepted(context: BodyContext, http: Http, token: string): Promise<boolean> {
  const expected = 'valid, and joined over the signalling socket';
  const not = (await tries(context, http, token)).find(({ kind }) => kind !== 'in');
  if (not === undefined) context.holds('accepted', { expected, observed: expected });
  else context.breaks('accepted', `a good token: ${inWords(not)}`, { expected, observed: inWords(not) });
  return not === undefined;
}

function recordRefusal(context: BodyContext, [assertion, tried]: Refusal, goodOneIsIn: boolean): void {
  const expected = '401 or 403, and no join';
  const observed = tried.map(inWords).join('; ');
  const not = tried.find(({ kind }) => kind !== 'refused');
  if (not) context.breaks(assertion, `a token that is ${assertion}: ${inWords(not)}`, { expected, observed });
  // A server that turns everybody away refuses nobody in particular.
  else if (goodOneIsIn) context.holds(assertion, { expected, observed });
}

function inWords(tried: Tried): string {
  if (tried.kind === 'in') return 'was let in';
  return tried.kind === 'refused' ? `was refused (${tried.how})` : tried.because;
}
