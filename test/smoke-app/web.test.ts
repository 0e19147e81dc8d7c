import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { foreigners } from '../../suites/cors.ts';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';

interface File {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly plain?: boolean;
  readonly packedBody?: string;
}

const filler = 'x'.repeat(4000);
const page: File = {
  type: 'text/html',
  body: `<!doctype html><html><head><link rel="stylesheet" href="/assets/a.0123abcd.css"><script type="module" src="/assets/b.0123abcd.js"></script></head><body>${filler}</body></html>`,
  headers: { 'cache-control': 'no-cache' },
};
const forGood = { 'cache-control': 'public, max-age=31536000, immutable' };
const site: Readonly<Record<string, File>> = {
  '/': page,
  '*': page,
  '/assets/a.0123abcd.css': { type: 'text/css', body: `@font-face{src:url(f.woff2)}/*${filler}*/`, headers: forGood },
  '/assets/f.woff2': { type: 'font/woff2', body: 'font' },
  '/assets/b.0123abcd.js': { type: 'text/javascript', body: `import './c.0123abcd.js';//${filler}`, headers: forGood },
  '/assets/c.0123abcd.js': { type: 'text/javascript', body: `//${filler}`, headers: forGood },
  '/widget.js': { type: 'text/javascript', body: `(() => { globalThis.w = 1; })();//${filler}` },
};

const security = {
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-xss-protection': '0',
};

async function serve(change: Readonly<Record<string, File>> = {}) {
  const files = { ...site, ...change };
  const server = await listen(
    http.createServer((request, response) => {
      const file = files[new URL(request.url ?? '/', 'http://x').pathname] ?? files['*']!;
      const packed = !file.plain && /gzip/.test(request.headers['accept-encoding'] ?? '');
      const encoding = packed ? { 'content-encoding': 'gzip' } : {};
      const headers = { 'content-type': file.type, ...security, ...file.headers, ...encoding };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.writeHead(file.status ?? 200);
      response.end(packed ? gzipSync(file.packedBody ?? file.body) : file.body);
    }),
    'http',
  );
  onTestFinished(() => server.close());
  return deployment(
    `parts: { landing: false, meeting: false, api: false }\nweb: { dashboard: ${server.url}/, widget: ${server.url}/widget.js }\ntimeoutMs: 800`,
  );
}

const js = (body: string, more: Partial<File> = {}): File => ({ type: 'text/javascript', body, ...more });

describe.each([
  {
    id: 'smoke.web.dashboard',
    faults: [
      {
        name: 'a script that is not there',
        change: { '/assets/b.0123abcd.js': js('no', { status: 404 }) },
        broken: ['assets'],
      },
      { name: 'the page in place of a script', change: { '/assets/b.0123abcd.js': page }, broken: ['assets'] },
      {
        name: 'the page in place of a module that is imported',
        change: { '/assets/c.0123abcd.js': page },
        broken: ['assets'],
      },
      { name: 'the page in place of a font of the style', change: { '/assets/f.woff2': page }, broken: ['assets'] },
      {
        name: 'a style as plain text',
        change: { '/assets/a.0123abcd.css': { type: 'text/plain', body: 'a{}' } },
        broken: ['assets'],
      },
      { name: 'an empty script', change: { '/assets/c.0123abcd.js': js('') }, broken: ['assets'] },
      { name: 'no deep links', change: { '*': { ...page, status: 404 } }, broken: ['fallback'] },
      {
        name: 'deep links to another page',
        change: { '*': { ...page, body: '<!doctype html><html>moved</html>' } },
        broken: ['fallback'],
      },
      {
        name: 'assets relative to the deep link',
        change: {
          '/': { ...page, body: '<!doctype html><script src="w.js"></script>' },
          '*': { ...page, body: '<!doctype html><script src="w.js"></script>' },
        },
        broken: ['assets', 'fallback'],
      },
      {
        name: 'a page without scripts and styles',
        change: { '/': { ...page, body: '<!doctype html><html>hello</html>' } },
        broken: ['assets', 'fallback'],
      },
      {
        name: 'no page',
        change: { '/': { type: 'application/json', body: '{}' } },
        broken: ['page', 'assets', 'fallback'],
      },
      { name: 'an error', change: { '/': { ...page, status: 500 } }, broken: ['page', 'assets', 'fallback'] },
    ],
  },
  {
    id: 'smoke.web.widget',
    faults: [
      { name: 'the page in its place', change: { '/widget.js': page }, broken: ['script', 'parses', 'embeddable'] },
      { name: 'half a script', change: { '/widget.js': js(`(() => { ${'let'} ${filler}`) }, broken: ['parses'] },
      { name: 'next to nothing', change: { '/widget.js': js(';') }, broken: ['script', 'parses', 'embeddable'] },
      {
        name: 'kept to its own site',
        change: {
          '/widget.js': js(`var a;//${filler}`, { headers: { 'cross-origin-resource-policy': 'same-origin' } }),
        },
        broken: ['embeddable'],
      },
      {
        name: 'a module without CORS',
        change: { '/widget.js': js(`export const a = 1;//${filler}`) },
        broken: ['embeddable'],
      },
    ],
  },
  {
    id: 'smoke.web.cache',
    faults: [
      {
        name: 'pages for an hour',
        change: { '/': { ...page, headers: { 'cache-control': 'max-age=3600' } } },
        broken: ['html'],
      },
      { name: 'pages without a word', change: { '/': { ...page, headers: {} } }, broken: ['html'] },
      {
        name: 'assets for a minute',
        change: { '/assets/b.0123abcd.js': js('1', { headers: { 'cache-control': 'max-age=60, immutable' } }) },
        broken: ['assets'],
      },
      {
        name: 'assets not immutable',
        change: { '/assets/b.0123abcd.js': js('1', { headers: { 'cache-control': 'max-age=31536000' } }) },
        broken: ['assets'],
      },
    ],
  },
  {
    id: 'smoke.web.headers',
    faults: [
      {
        name: 'frames from anywhere',
        change: { '/': { ...page, headers: { 'x-frame-options': 'ALLOWALL' } } },
        broken: ['framing'],
      },
      {
        name: 'frames from anywhere by the policy, which browsers ask first',
        change: { '/': { ...page, headers: { 'content-security-policy': "default-src 'self'; frame-ancestors *" } } },
        broken: ['framing'],
      },
      {
        name: 'one of two headers that is lax',
        change: { '/': { ...page, headers: { 'x-frame-options': ['DENY', 'ALLOWALL'] } } },
        broken: ['framing'],
      },
      {
        name: 'sniffing',
        change: { '/': { ...page, headers: { 'x-content-type-options': '' } } },
        broken: ['sniffing'],
      },
      {
        name: 'whole addresses to everybody',
        change: { '/': { ...page, headers: { 'referrer-policy': 'unsafe-url' } } },
        broken: ['referrer'],
      },
      {
        name: 'the filter that edits',
        change: { '/': { ...page, headers: { 'x-xss-protection': '1' } } },
        broken: ['xss'],
      },
    ],
  },
  {
    id: 'smoke.web.gzip',
    faults: [
      { name: 'a plain page', change: { '/': { ...page, plain: true } }, broken: ['html'] },
      {
        name: 'a plain script',
        change: { '/assets/b.0123abcd.js': js(`//${filler}`, { plain: true }) },
        broken: ['assets'],
      },
      {
        name: 'gzip that is none',
        change: {
          '/assets/b.0123abcd.js': js(`//${filler}`, { plain: true, headers: { 'content-encoding': 'gzip' } }),
        },
        broken: ['assets'],
      },
    ],
  },
  {
    id: 'smoke.web.bundle',
    faults: [
      { name: 'an imported module that is not there', change: { '/assets/c.0123abcd.js': page }, broken: ['loads'] },
    ],
  },
])('$id', ({ id, faults }) => {
  test('holds on a good site', async () => {
    const { said } = await observe(id, await serve());
    const words = Object.entries(said).filter(([assertion]) => assertion !== 'cors');
    expect(words.filter(([, each]) => each.join() !== 'ok')).toEqual([]);
    expect(words.length).toBeGreaterThan(0);
  });

  test.each(faults as readonly { name: string; change: Record<string, File>; broken: readonly string[] }[])(
    'breaks on $name',
    async ({ change, broken }) => {
      const { said } = await observe(id, await serve(change));
      const found = Object.keys(said).filter((assertion) =>
        said[assertion]!.some((word) => word !== 'ok' && !word.startsWith('needs')),
      );
      expect(found.sort()).toEqual([...broken].sort());
    },
  );
});

test.each([
  {
    name: 'twice, by the server and by the proxy before it',
    headers: Object.fromEntries(Object.entries(security).map(([name, value]) => [name, [value, value]])),
  },
  { name: 'as DENY and SAMEORIGIN', headers: { 'x-frame-options': ['DENY', 'SAMEORIGIN'] } },
  {
    name: 'as a policy, with nobody named',
    headers: { 'x-frame-options': 'ALLOW-FROM https://a.example', 'content-security-policy': 'frame-ancestors' },
  },
  {
    name: 'as two policies of which one limits',
    headers: { 'content-security-policy': ['frame-ancestors *', "script-src 'self';frame-ancestors 'self'"] },
  },
])('the security headers may be sent $name', async ({ headers }) => {
  const { word } = await observe('smoke.web.headers', await serve({ '/': { ...page, headers } }));
  expect(word).toBe('ok');
});

describe('a page that is made anew for each request', () => {
  let requests = 0;
  const anew: File = {
    ...page,
    get body() {
      requests += 1;
      return page.body.replace('<body>', `<body><script nonce="${requests}">1</script>`);
    },
  };
  test('is the same compressed as plain', async () => {
    const { word, said } = await observe('smoke.web.gzip', await serve({ '/': anew }));
    expect([word, said.html]).toEqual(['ok', ['ok']]);
  });

  test('is not, where only its compressed form is another', async () => {
    const environment = await serve({ '/': { ...page, packedBody: page.body.replace('<body>', '<body>last week') } });
    const { said } = await observe('smoke.web.gzip', environment);
    expect(said.html).toEqual([expect.stringMatching(/another content compressed than plain/)]);
  });
});

test('an address that leads to another of the sites is not its own', async () => {
  const landing = await serve();
  const elsewhere = await listen(
    http.createServer((request, response) =>
      response.writeHead(302, { location: `${landing.web.dashboard?.slice(0, -1)}${request.url}` }).end(),
    ),
    'http',
  );
  onTestFinished(() => elsewhere.close());
  const look = async (dashboard: string, more = '') =>
    (
      await observe(
        'smoke.web.dashboard',
        deployment(`parts: { api: false }\nweb: { dashboard: ${dashboard}${more} }\naddresses: ["127.0.0.1"]`),
      )
    ).said.page;
  const at = `, landing: ${landing.web.dashboard}`;
  expect(await look(`${elsewhere.url}/`, at)).toEqual([expect.stringMatching(/^leads to the landing site/)]);
  // To another host of its own, as of a name with www before it, or into a folder, it may lead.
  expect(await look(`${elsewhere.url}/`)).toEqual(['ok']);
});

test('scripts of a host we may not ask are neither there nor missing', async () => {
  const body = page.body.replaceAll('"/assets', '"https://cdn.example/assets');
  const environment = await serve({ '/': { ...page, body }, '*': { ...page, body } });
  const needs = ['needs cdn.example in addresses'];
  expect((await observe('smoke.web.dashboard', environment)).said).toMatchObject({ page: ['ok'], assets: needs });
  expect((await observe('smoke.web.bundle', environment)).said).toEqual({ loads: needs, size: needs });
});

test.each([
  ['https://dashboard.platform.example', 'https://sd-1platform.example'],
  ['https://dashboard.staging.platform.co.uk', 'https://sd-1platform.co.uk'],
  ['https://platform.example', 'https://sd-1platform.example'],
  ['http://127.0.0.1:8080', 'http://sd-1127.0.0.1'],
])("a foreign origin that ends like %s is %s, which is nobody's sub-domain", (origin, alike) => {
  expect(foreigners('sd-1', origin)[2]).toBe(alike);
});

test('the first view is what is fetched, compressed, imports included', async () => {
  const { entries } = await observe('smoke.web.bundle', await serve());
  const size = entries.find((entry) => entry.kind === 'measurement' && entry.assertion === 'size');
  const bytes = ['/assets/a.0123abcd.css', '/assets/b.0123abcd.js', '/assets/c.0123abcd.js'].map(
    (path) => gzipSync(site[path]!.body).length,
  );
  expect(size).toMatchObject({ value: bytes.reduce((a, b) => a + b), unit: 'By' });
});

test('a site that exists and is not named is not verified', async () => {
  const environment = deployment('parts: { landing: false, meeting: false }\nweb: { landing: http://127.0.0.1:1/ }');
  const { said } = await observe('smoke.web.headers', environment);
  expect(said.framing).toEqual(['needs web.dashboard']);
});
