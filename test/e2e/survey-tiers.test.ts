import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { openHttp } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import { goesThroughTiers, Mail, type Opens } from '../../suites/e2e/survey-tiers.ts';
import { deployment } from '../environment/deployment.ts';
import { listen, type TestServer } from '../servers/listen.ts';

/** An outbox into which messages come at set times, and what is said of them. */
interface Planned {
  readonly channel: 'call' | 'sms' | 'email';
  readonly afterMs: number;
  readonly link?: string;
}

const customer = { phone: '+447700900123', email: 'customer@example.com' };
const survey = { id: 'survey-1', sessionId: 'session-1' };
const link = '/survey/session-1?method=x';
const delayMs = 800;
const inTurn: readonly Planned[] = [
  { channel: 'call', afterMs: delayMs },
  { channel: 'sms', afterMs: 2 * delayMs, link },
  { channel: 'email', afterMs: 3 * delayMs, link },
];

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Outbox {
  /** Does it tell when a message went out? */
  readonly tellsTime: boolean;
  /** Messages of an earlier run to the same number. */
  readonly earlier?: readonly Planned[];
  /** Everything takes so many times longer: what is only seen may be seen late on a busy machine. */
  readonly times?: number;
}

async function look(planned: readonly Planned[], { tellsTime, earlier = [], times = 1 }: Outbox = { tellsTime: true }) {
  let startedAt = Date.now();
  let begun = false;
  let url = '';
  const whole = (path = '') => (path.startsWith('/') ? `${url}${path}` : path);
  const asMessage = ({ channel, afterMs, link }: Planned, i: number, prefix: string) => ({
    ...{ id: `${prefix}-${i}`, channel, kind: 'survey', text: `How was it? ${whole(link)}`, link: whole(link) || null },
    ...{ to: channel === 'email' ? customer.email : customer.phone },
    ...(tellsTime ? { at: new Date(startedAt + afterMs * times).toISOString() } : {}),
  });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://outbox');
    if (pathname !== '/messages') return answerAsSite(pathname, response);
    const to = searchParams.get('to');
    const due = begun ? planned.filter(({ afterMs }) => Date.now() - startedAt >= afterMs * times) : [];
    const messages = [
      ...earlier.map((one, i) => asMessage(one, i, 'earlier')),
      ...due.map((one) => asMessage(one, planned.indexOf(one), 'new')),
    ].filter((one) => one.to === to);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ messages }));
  });
  const listening = await listen(server, 'http');
  servers.push(listening);
  url = listening.url;
  const environment = deployment(`api: { url: ${url} }\noutbox: { url: ${url}/messages }`);
  const said: Record<string, string[]> = {};
  const say = (assertion: string, word: string) => {
    said[assertion] = [...(said[assertion] ?? []), word];
  };
  const signal = AbortSignal.timeout(60_000);
  const now = () => performance.now();
  const context = {
    ...{ environment, signal, now },
    holds: (assertion: string) => say(assertion, 'ok'),
    breaks: (assertion: string, because: string) => say(assertion, because),
    unmet: (needs: string, assertion: string) => say(assertion, `needs ${needs}`),
  } as unknown as BodyContext;
  const http = openHttp(context);
  const mail = new Mail(context, http, customer);
  expect(await mail.begin()).toBeNull();
  startedAt = Date.now();
  begun = true;
  const seconds = Array.from({ length: 3 }, () => (delayMs * times) / 1000);
  const opens: Opens = async ({ assertion }) => say(assertion, 'ok');
  await goesThroughTiers(context, mail, { ...survey, startMs: now() }, { seconds, opens });
  await http.close();
  return said;
}

/** Its pages are for whoever comes; all others lead to the sign-in. */
function answerAsSite(pathname: string, response: ServerResponse): void {
  if (/^\/(survey\/session-1|s\/kQ3xYz)$/.test(pathname)) return void response.end('How was your experience?');
  if (pathname === '/login') return void response.end('Sign in to your account');
  if (pathname.startsWith('/inside/')) return void response.writeHead(302, { location: '/login' }).end();
  response.writeHead(404).end();
}

const good = { call: ['ok'], 'text-message': ['ok'], mail: ['ok'] };

describe('the tiers of a survey', { timeout: 60_000 }, () => {
  test('come in turn, each in its time', async () => {
    expect(await look(inTurn)).toEqual(good);
  });

  test('are as good where the outbox tells no times, and where an earlier run wrote to the same number', async () => {
    const earlier: readonly Planned[] = [
      { channel: 'call', afterMs: -9_000 },
      { channel: 'sms', afterMs: -8_000, link },
    ];
    expect(await look(inTurn, { tellsTime: false, earlier, times: 4 })).toEqual(good);
  });

  test('may come late, as whoever schedules them looks now and then', async () => {
    expect(await look(inTurn.map((one) => ({ ...one, afterMs: one.afterMs * 2 })))).toEqual(good);
  });

  test.each([true, false])('are wrong when they come at once (times told: %s)', async (tellsTime) => {
    const said = await look(
      inTurn.map((one) => ({ ...one, afterMs: delayMs })),
      { tellsTime },
    );
    expect(said).toMatchObject({ call: ['ok'], 'text-message': [expect.stringMatching(/later and not 0.8 s/)] });
    expect(said.mail).not.toEqual(['ok']);
  });

  test('are wrong when they come without a delay', async () => {
    expect((await look(inTurn.map((one, i) => ({ ...one, afterMs: i })))).call).not.toEqual(['ok']);
  });

  test('are wrong when one comes twice', async () => {
    const twice = [...inTurn, { ...inTurn[1]! }];
    expect((await look(twice))['text-message']).toEqual(['ok', 'one survey sent 2 text messages to the same customer']);
  });

  test('are wrong when the mail overtakes', async () => {
    const overtaken = inTurn.map((one) => (one.channel === 'email' ? { ...one, afterMs: delayMs / 2 } : one));
    expect((await look(overtaken)).mail).toEqual([expect.stringMatching(/-\d.\d s later/)]);
  });

  const withLink = (wrong: string | undefined) =>
    inTurn.map(({ link: _, ...one }) => ({ ...one, ...(wrong ? { link: wrong } : {}) }));

  test('are as good with a link that carries a token and no id', async () => {
    expect(await look(withLink('/s/kQ3xYz'))).toEqual(good);
  });

  test.each([
    ['/survey/undefined?method=x', /names neither/],
    [undefined, /carries no link/],
    ['/questions/session-1', /leads to no survey: .* answered 404/],
    ['/inside/session-1', /asks whoever has no account to sign in, at \/login/],
  ] as const)('are wrong with the link %s', async (wrong, why) => {
    const said = await look(withLink(wrong));
    expect(said).toEqual({
      ...{ call: ['ok'], 'text-message': [expect.stringMatching(why)], mail: [expect.stringMatching(why)] },
    });
  });

  test('are not verified with a link to a host that may not be asked', async () => {
    const said = await look(withLink('https://surveys.example/survey/session-1'));
    expect(said).toMatchObject({ call: ['ok'], mail: [expect.stringMatching(/^needs the host of the links/)] });
  });
});
