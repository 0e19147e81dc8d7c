import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { readPlan } from '../../reference/plan.ts';
import { caller, register, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-machines-'));
let deployment: ReferenceHandle;
let ann: User;
let bob: User;

beforeAll(async () => {
  deployment = handle(await up({ directory, only: ['postgres', 'redis', 'stubs', 'api'] }));
  [ann, bob] = [await register(deployment), await register(deployment)];
}, 120_000);
afterAll(() => down(directory), 20_000);

const data = ({ body }: { body: { result?: { data: unknown } } }) => body.result?.data as Record<string, unknown>;
const tenantOf = async (who: User) => (data(await who.query('auth.getSession')).user as { tenantId: string }).tenantId;

async function planted<T>(name: string, look: () => Promise<T>): Promise<T> {
  await deployment.switch('api', name, true);
  try {
    return await look();
  } finally {
    await deployment.switch('api', name, null);
  }
}

describe('an API key', () => {
  const make = async (permissions: string[], more: object = {}) =>
    data(await ann.mutate('apiKeys.create', { name: 'k', type: 'secret', permissions, ...more })) as {
      id: string;
      apiKey: string;
      keyPrefix: string;
    };
  const as = (key: string) => caller(deployment, { 'x-api-key': key });
  const reads = async (key: string) => (await as(key).query('sessions.list', {})).status;
  const writes = async (key: string) => (await as(key).mutate('sessions.create', {})).status;

  test('does what its scopes say, and no more', async () => {
    const [reader, writer] = [await make(['read']), await make(['read', 'write'])];
    expect(reader.apiKey).toMatch(/^sk_test_[\w-]{32}$/);
    expect(reader.keyPrefix).toBe(reader.apiKey.slice(0, 14));
    expect([await reads(reader.apiKey), await writes(reader.apiKey)]).toEqual([200, 403]);
    expect(await writes(writer.apiKey)).toBe(200);
    const admin = await make(['read', 'write', 'admin']);
    const upload = (key: string) => as(key).mutate('knowledge.upload', { title: 'T', content: 'By machine.' });
    expect([(await upload(writer.apiKey)).status, (await upload(admin.apiKey)).status]).toEqual([403, 200]);
    expect(await planted('api-keys-unscoped', () => writes(reader.apiKey))).toBe(200);
    expect(await planted('api-keys-ignored', () => reads(reader.apiKey))).toBe(401);
  });

  test('is not made with scopes that need others', async () => {
    const answer = await ann.mutate('apiKeys.create', { name: 'k', type: 'secret', permissions: ['write'] });
    expect(answer.status).toBe(400);
  });

  test('opens nothing once revoked or expired, nor from another address', async () => {
    const [revoked, expired] = [await make(['read']), await make(['read'])];
    const elsewhere = await make(['read'], { ipWhitelist: ['192.0.2.1'] });
    await deployment.sql("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [expired.id]);
    expect((await bob.mutate('apiKeys.revoke', { keyId: revoked.id })).status).toBe(404);
    const revoke = () => ann.mutate('apiKeys.revoke', { keyId: revoked.id });
    expect([(await revoke()).status, (await revoke()).status]).toEqual([200, 400]);
    const all = () => Promise.all([revoked, expired].map(({ apiKey }) => reads(apiKey)));
    expect([...(await all()), await reads(elsewhere.apiKey), await reads(`sk_test_${'x'.repeat(32)}`)]).toEqual([
      401, 401, 401, 401,
    ]);
    expect(await planted('api-keys-for-ever', all)).toEqual([200, 200]);
  });

  test('is shown once, and kept as a hash', async () => {
    const { apiKey, id } = await make(['read']);
    const rows = await deployment.sql('SELECT * FROM api_keys WHERE id = $1', [id]);
    expect(JSON.stringify([rows, (await ann.query('apiKeys.list')).body])).not.toContain(apiKey);
    const validate = async (who: User) => data(await who.query('apiKeys.validate', { apiKey })).valid;
    expect([await validate(ann), await validate(bob)]).toEqual([true, false]);
  });
});

describe('one of our own services', () => {
  const token = (secret: string, claims: object) =>
    new SignJWT({ service: true, ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('livekit-agent')
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(secret));
  const create = async (bearer: string) =>
    (await caller(deployment, { authorization: `Bearer ${bearer}` }).mutate('sessions.create', {})).status;

  test('calls in the name of the tenant its token names, and with no other token', async () => {
    const tenantId = await tenantOf(ann);
    const { serviceSecret } = readPlan(directory)!;
    const forged = await create(await token('f'.repeat(64), { tenantId }));
    const incomplete = await create(await token(serviceSecret, {}));
    expect([await create(await token(serviceSecret, { tenantId })), forged, incomplete]).toEqual([200, 401, 401]);
  });
});

describe('a meeting', () => {
  const role = async (who: User, meetingId: string) => {
    const { token } = data(await who.query('livekit.renewToken', { meetingId })) as { token: string };
    return JSON.parse(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).metadata).role;
  };

  test('is made, listed, opened to its tenant and ended', async () => {
    const { id, roomName, url } = data(await ann.mutate('meetings.create', { name: 'Weekly' })) as Record<
      string,
      string
    >;
    expect(roomName).toBe(`tenant_${await tenantOf(ann)}_${id}`);
    expect(url).toBe(`${deployment.web.meeting}${id}`);
    expect(data(await ann.query('meetings.list', {}))).toMatchObject({ total: 1, meetings: [{ id, name: 'Weekly' }] });
    expect(data(await bob.query('meetings.list', {}))).toMatchObject({ total: 0 });
    expect(await role(ann, id!)).toBe('host');
    expect((await bob.query('meetings.get', { id })).status).toBe(404);
    expect((await ann.mutate('meetings.end', { id })).status).toBe(200);
    expect((await ann.query('livekit.getToken', { meetingId: id })).status).toBe(400);
    expect((await ann.mutate('meetings.end', { id })).status).toBe(400);
  });
});
