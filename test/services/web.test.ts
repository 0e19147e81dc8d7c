import { mkdtempSync, readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-web-'));
let deployment: ReferenceHandle;
let ca: string;
let plainLanding: string;

beforeAll(async () => {
  deployment = handle(await up({ endWithCaller: true, directory, only: ['web'] }));
  ca = readFileSync(join(directory, 'tls', 'ca.pem'), 'utf8');
  plainLanding = `http://localhost:${JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')).ports.web.landing.http}`;
}, 60_000);
afterAll(() => down(directory), 20_000);

interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function get(url: string, headers: Record<string, string> = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? request : plainRequest;
    const asked = ask(url, { headers, agent: false, ...(ask === request ? { ca } : {}) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on('error', reject).end();
  });
}

const landing = (path = '') => `${deployment.web.landing}${path}`;
const assetsOf = ({ text }: Page) => [...text.matchAll(/(?:src|href)="(\/[^"]*\.\w+)"/g)].map(([, path]) => path!);
const script = async () => assetsOf(await get(landing())).find((path) => path.endsWith('.js'))!;

describe('every site', () => {
  test.each(['landing', 'dashboard', 'meeting', 'widget'] as const)(
    '%s has a page, its assets, health and the four headers',
    async (site) => {
      const base = new URL('/', deployment.web[site]).href;
      const page = await get(base);
      expect(page.status).toBe(200);
      expect(page.text).toMatch(/<title>[^<]{10,}<\/title>/);
      expect(page.text).toMatch(/<meta name="description" content="[^"]{20,}"/);
      expect(page.text).not.toContain('{{');
      expect(page.headers).toMatchObject({
        'cache-control': 'no-cache, no-store, must-revalidate',
        'x-frame-options': 'SAMEORIGIN',
        'x-content-type-options': 'nosniff',
        'x-xss-protection': '1; mode=block',
        'referrer-policy': 'strict-origin-when-cross-origin',
      });
      for (const path of assetsOf(page)) {
        const asset = await get(new URL(path, base).href);
        expect([path, asset.status]).toEqual([path, 200]);
        if (path.startsWith('/assets/'))
          expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
        for (const [, imported] of asset.text.matchAll(/from '(\.{0,2}\/[^']+)'/g))
          expect((await get(new URL(imported!, new URL(path, base)).href)).status).toBe(200);
      }
      expect((await get(`${base}health`)).text).toBe('healthy');
    },
  );

  test('answers unknown paths with its page and missing files with 404', async () => {
    expect((await get(landing('some/where'))).text).toBe((await get(landing())).text);
    expect((await get(landing('some/where.js'))).status).toBe(404);
    expect((await get(landing('assets/nothing'))).status).toBe(404);
  });

  test('sends plain HTTP on to HTTPS', async () => {
    const { status, headers } = await get(`${plainLanding}/pricing?a=1`);
    expect([status, headers.location]).toEqual([301, landing('pricing?a=1')]);
    expect((await get(plainLanding, { host: 'elsewhere.example' })).headers.location).toBe(landing());
  });

  test.each(['br', 'gzip'])('compresses with %s', async (encoding) => {
    const { headers } = await get(landing(), { 'accept-encoding': encoding });
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'Accept-Encoding']);
  });

  test('landing has five pages', async () => {
    const titles = await Promise.all(
      ['', 'features', 'pricing', 'about', 'contact'].map(
        async (path) => /<h1>[^<]+/.exec((await get(landing(path))).text)?.[0],
      ),
    );
    expect(new Set(titles).size).toBe(5);
  });
});

describe('planted faults', () => {
  const refusal = (url: string) =>
    get(url).then(
      () => '',
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
  const encoding = async () => (await get(landing(), { 'accept-encoding': 'gzip' })).headers['content-encoding'];
  test.each([
    { name: 'site-down', value: 'landing', look: async () => (await refusal(landing())) !== '' },
    {
      name: 'http-status',
      value: { site: 'landing', code: 503 },
      look: async () => (await get(landing())).status === 503,
    },
    {
      name: 'asset-missing',
      value: 'landing',
      look: async () => (await get(landing((await script()).slice(1)))).status === 404,
    },
    { name: 'spa-off', value: true, look: async () => (await get(landing('some/where'))).status === 404 },
    {
      name: 'headers-missing',
      value: 'X-Frame-Options',
      look: async () => (await get(landing())).headers['x-frame-options'] === undefined,
    },
    {
      name: 'cache-html',
      value: true,
      look: async () => (await get(landing())).headers['cache-control']?.includes('max-age') ?? false,
    },
    {
      name: 'cache-assets-short',
      value: true,
      look: async () =>
        (await get(landing((await script()).slice(1)))).headers['cache-control'] === 'public, max-age=60',
    },
    { name: 'gzip-off', value: true, look: async () => (await encoding()) === undefined },
    {
      name: 'storage-off',
      value: 'dashboard',
      look: async () => {
        const path = assetsOf(await get(deployment.web.dashboard)).find((asset) => asset.endsWith('.js'))!;
        return !(await get(new URL(path, deployment.web.dashboard).href)).text.includes('localStorage.setItem(');
      },
    },
    {
      name: 'alerts-hidden',
      value: 'landing',
      look: async () => {
        const quiet = assetsOf(await get(landing())).find((path) => path.includes('quiet'));
        return quiet !== undefined && (await get(landing(quiet.slice(1)))).text.includes('[role="alert"]');
      },
    },
    { name: 'redirect-off', value: true, look: async () => (await get(plainLanding)).status === 200 },
    {
      name: 'bundle-bloat',
      value: 600,
      look: async () => {
        const bloat = assetsOf(await get(landing())).find((path) => path.includes('bloat'));
        return (
          bloat !== undefined &&
          Number((await get(landing(bloat.slice(1)), { 'accept-encoding': 'br' })).headers['content-length']) > 600_000
        );
      },
    },
    { name: 'tls-expired', value: true, look: async () => (await refusal(landing())) !== '' },
    { name: 'tls-wrong-name', value: true, look: async () => (await refusal(landing())) !== '' },
    { name: 'tls-untrusted', value: true, look: async () => (await refusal(landing())) !== '' },
  ])('$name shows while it is on, and not before or after', async ({ name, value, look }) => {
    expect(await look()).toBe(false);
    await deployment.switch('web', name, value);
    const found = await look();
    await deployment.switch('web', name, null);
    expect(found).toBe(true);
    expect(await look()).toBe(false);
  });
});
