import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';

interface File {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly plain?: boolean;
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
      response.writeHead(file.status ?? 200, { 'content-type': file.type, ...security, ...file.headers, ...encoding });
      response.end(packed ? gzipSync(file.body) : file.body);
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
