import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { ask, caller, listen, outbox, register, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-handoff-'));
let deployment: ReferenceHandle;
let ann: User;
let bob: User;
let tenantId: string;
let annId: string;

beforeAll(async () => {
  deployment = handle(await up({ directory, only: ['postgres', 'redis', 'models', 'stubs', 'api'] }));
  [ann, bob] = [await register(deployment), await register(deployment)];
  // A new tenant may ask ten questions in five minutes, which is not what is looked at here.
  await deployment.switch('api', 'limits-off', true);
  ({ tenantId, id: annId } = (await ann.query('auth.getSession')).body.result.data.user);
}, 120_000);
afterAll(() => down(directory), 20_000);

const customer = () => caller(deployment);
const newRoom = async (): Promise<string> => (await ann.mutate('sessions.create', {})).body.result.data.id;
let people = 0;

async function planted<T>(name: string, value: unknown, look: () => Promise<T>, service = 'api'): Promise<T> {
  await deployment.switch(service, name, value);
  try {
    return await look();
  } finally {
    await deployment.switch(service, name, null);
  }
}

describe('an escalation', () => {
  const escalate = (sessionId: string, tenant = tenantId) =>
    customer().mutate('escalations.create', {
      tenantId: tenant,
      sessionId,
      escalationType: 'user_request',
      reason: 'I would like to speak to a person.',
    });
  const pending = async (who: User) =>
    (await who.query('escalations.list', { status: 'pending' })).body.result.data.map(({ id }: { id: string }) => id);

  test('is seen by the people of its tenant, taken, answered and resolved', async () => {
    const sessionId = await newRoom();
    const watch = await listen(deployment, 'escalations.watch', undefined, ann.cookie);
    const { id, status, aiContext } = (await escalate(sessionId)).body.result.data;
    expect([status, aiContext.aiSummary]).toEqual(['pending', undefined]);
    expect(await watch.next()).toMatchObject({ type: 'created', escalation: { id, sessionId } });
    expect([(await pending(ann)).includes(id), (await pending(bob)).includes(id)]).toEqual([true, false]);
    expect((await bob.mutate('escalations.assign', { escalationId: id, humanAgentId: annId })).status).toBe(404);
    await ann.mutate('escalations.assign', { escalationId: id, humanAgentId: annId });
    await ann.mutate('escalations.agentJoined', { escalationId: id });
    expect((await customer().query('escalations.getById', { escalationId: id })).body.result.data).toMatchObject({
      status: 'assigned',
      humanAgentJoinedAt: expect.any(String),
    });
    await ann.mutate('sessions.sendMessage', { sessionId, role: 'assistant', content: 'A person here: hello!' });
    const { messages } = (await ann.query('sessions.listMessages', { sessionId })).body.result.data;
    expect(messages.at(-1).content).toBe('A person here: hello!');
    const resolve = () =>
      ann.mutate('escalations.resolve', { escalationId: id, resolutionNotes: 'It is settled now.' });
    expect([(await resolve()).status, (await resolve()).status]).toEqual([200, 400]);
    expect((await ann.query('escalations.getStats')).body.result.data).toMatchObject({ total: 1, resolved: 1 });
    watch.close();
  });

  test('is watched no longer than the session lasts', async () => {
    const guest = await register(deployment);
    const watch = await listen(deployment, 'escalations.watch', undefined, guest.cookie);
    const end = watch.next();
    await guest.mutate('auth.signOut', {});
    expect(await end).toBeUndefined();
  });

  test('tells a stranger how it stands, and nothing that was said', async () => {
    const { id } = (await escalate(await newRoom())).body.result.data;
    const read = async () => (await customer().query('escalations.getById', { escalationId: id })).body.result.data;
    expect(Object.keys(await read())).not.toContain('reason');
    expect(Object.keys(await planted('anonymous-reads', true, read))).toContain('reason');
    expect((await bob.query('escalations.getById', { escalationId: id })).status).toBe(404);
  });

  test('needs a session of the tenant it names', async () => {
    const other = (await bob.query('auth.getSession')).body.result.data.user.tenantId;
    expect((await escalate(await newRoom(), other)).status).toBe(404);
  });

  test('is not heard of while escalation-silent is on, nor listed while escalation-unlisted is', async () => {
    const watch = await listen(deployment, 'escalations.watch', undefined, ann.cookie);
    const { id } = (await planted('escalation-silent', true, async () => escalate(await newRoom()))).body.result.data;
    expect(await Promise.race([watch.next(), sleep(500, 'silence')])).toBe('silence');
    expect(await planted('escalation-unlisted', true, () => pending(ann))).toEqual([]);
    expect(await pending(ann)).toContain(id);
    watch.close();
  });

  test('is answered in vain while reply-lost is on', async () => {
    const sessionId = await newRoom();
    const reply = () => ann.mutate('sessions.sendMessage', { sessionId, role: 'assistant', content: 'Hello?' });
    expect((await planted('reply-lost', true, reply)).status).toBe(200);
    expect((await ann.query('sessions.listMessages', { sessionId })).body.result.data.total).toBe(0);
  });
});

describe('a survey', () => {
  async function offered(contact: { phone?: string; email?: string } | null) {
    people += 1;
    const sessionId = await newRoom();
    const endUserId =
      contact && (await customer().mutate('endUsers.createOrGet', { tenantId, ...contact })).body.result.data.id;
    const made = await customer().mutate('surveys.create', {
      tenantId,
      sessionId,
      surveyMethod: 'in_widget',
      ...(endUserId ? { endUserId } : {}),
    });
    return { sessionId, surveyId: made.body.result.data.id };
  }
  const now = async (sessionId: string) =>
    (await ann.query('surveys.getBySession', { sessionId })).body.result.data as Record<string, unknown>;
  const person = () => ({
    phone: `+1555${String(Date.now() + people).slice(-7)}`,
    email: `p${Date.now()}-${people}@example.com`,
  });

  async function reaches(sessionId: string, surveyMethod: string): Promise<Record<string, unknown>> {
    for (const from = Date.now(); Date.now() - from < 25_000; await sleep(100)) {
      const found = await now(sessionId);
      if (found.surveyMethod === surveyMethod) return found;
    }
    return now(sessionId);
  }

  test('goes on to call, text message and mail while nobody answers', async () => {
    const who = person();
    const { sessionId } = await offered(who);
    expect(await now(sessionId)).toMatchObject({
      surveyMethod: 'in_widget',
      fallbackAttempts: 0,
      surveyCompleted: false,
    });
    expect(await reaches(sessionId, 'email_link')).toMatchObject({ surveyMethod: 'email_link', fallbackAttempts: 3 });
    // The tier is written down first and its message sent then.
    while ((await outbox(who.email, deployment)).length === 0) await sleep(50);
    const [byPhone, byMail] = [await outbox(who.phone, deployment), await outbox(who.email, deployment)];
    expect(byPhone.map(({ channel, delivered }) => [channel, delivered])).toEqual([
      ['call', false],
      ['sms', true],
    ]);
    expect(byMail.map(({ link }) => link)).toEqual([expect.stringContaining(`/survey/${sessionId}?method=email_link`)]);
  }, 60_000);

  test('passes over a tier whose provider refuses', async () => {
    const who = person();
    const { sessionId } = await offered(who);
    const found = await planted('call-fails', true, () => reaches(sessionId, 'sms_link'), 'stubs');
    expect(found).toMatchObject({ surveyMethod: 'sms_link', fallbackAttempts: 2 });
  }, 60_000);

  test('is answered on the page that its link leads to, once', async () => {
    const { sessionId } = await offered(person());
    const url = `${deployment.api}/survey/${sessionId}?method=sms_link`;
    const answer = (rating: string) =>
      ask(url, { method: 'POST', body: new URLSearchParams({ rating, comment: 'Quick <b>help</b>' }) });
    expect((await ask(url)).body).toContain('How was your experience?');
    expect((await answer('9')).status).toBe(400);
    expect((await answer('5')).body).toContain('Thank you');
    expect(await now(sessionId)).toMatchObject({
      experienceRating: 5,
      feedbackText: 'Quick <b>help</b>',
      surveyCompleted: true,
    });
    expect([(await answer('1')).status, (await ask(`${deployment.api}/survey/x`)).status]).toEqual([404, 404]);
  });

  test('is left in peace once answered or refused', async () => {
    const [answered, refused] = [await offered(person()), await offered(person())];
    await customer().mutate('surveys.update', { surveyId: answered.surveyId, experienceRating: 4 });
    await customer().mutate('surveys.refuse', { tenantId, sessionId: refused.sessionId, surveyMethod: 'in_widget' });
    await sleep(4500);
    expect(await now(answered.sessionId)).toMatchObject({
      surveyMethod: 'in_widget',
      experienceRating: 4,
      surveyCompleted: true,
    });
    expect(await now(refused.sessionId)).toMatchObject({ surveyMethod: 'in_widget', refusedToRate: true });
  }, 60_000);

  test('stays where it is while survey-fallback-off is on, and arrives nowhere by a dead tier', async () => {
    const off = await offered(person());
    await planted('survey-fallback-off', true, () => sleep(4500));
    expect(await now(off.sessionId)).toMatchObject({ fallbackAttempts: 0 });
    const who = person();
    const dead = await offered(who);
    await planted('survey-tier-dead', 'ai_call', () => reaches(dead.sessionId, 'ai_call'));
    expect(await outbox(who.phone, deployment)).toEqual([]);
  }, 60_000);
});
