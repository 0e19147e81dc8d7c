import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import type { Site } from '../common/config.ts';
import type { Switches } from '../common/switches.ts';
import { type File, type Files, file, hashed } from './build.ts';

export interface Served {
  readonly site: Site;
  readonly files: Files;
  readonly headers: Readonly<Record<string, string>>;
  readonly switches: Switches;
}

const caching = {
  page: 'no-cache, no-store, must-revalidate',
  asset: 'public, max-age=31536000, immutable',
  other: 'public, max-age=300',
} as const;

/** Answers one request for a page or an asset. */
export function answer(served: Served, request: IncomingMessage, response: ServerResponse) {
  const { switches, site } = served;
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(served, response, 405);
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/health') return send(served, request, response, 200, file('.txt', 'healthy'));
  const found = find(served, path);
  if (!found) return refuse(served, response, 404);
  if (switches.names('asset-missing', site) && found.type.startsWith('text/javascript'))
    return refuse(served, response, 404);
  send(served, request, response, found.kind === 'page' ? pageStatus(served) : 200, withFaults(served, found));
}

function find(served: Served, path: string): File | undefined {
  const { files, switches, site } = served;
  const tidy = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const extra = extrasOf(served).find(({ address }) => address === tidy);
  if (extra) return extra.file;
  const exact = files.get(tidy || '/');
  if (exact) return exact;
  // The application itself knows its other paths; a missing file is missing, though, and not a page.
  const isPage = extname(tidy) === '' && !tidy.startsWith('/assets/');
  return isPage && !switches.names('spa-off', site) ? files.get('/') : undefined;
}

function send(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  { type, kind, plain, gzip, br }: File,
): void {
  const accepted = served.switches.on('gzip-off') ? '' : String(request.headers['accept-encoding'] ?? '');
  const [encoding, body] =
    br && /\bbr\b/.test(accepted)
      ? ['br', br]
      : gzip && /\bgzip\b/.test(accepted)
        ? ['gzip', gzip]
        : [undefined, plain];
  const headers: Record<string, string | number> = {
    ...withoutMissing(served),
    'content-type': type,
    'content-length': body.length,
    'cache-control': cacheControl(served.switches, kind),
    vary: 'Accept-Encoding',
    ...(encoding ? { 'content-encoding': encoding } : {}),
    // Other people's pages load the widget's script.
    ...(kind === 'other' ? { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' } : {}),
  };
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
}

function refuse(served: Served, response: ServerResponse, status: number): void {
  const text = `${status}`;
  response
    .writeHead(status, { ...withoutMissing(served), 'content-type': 'text/plain', 'cache-control': 'no-store' })
    .end(text);
}

/** What is wrong with the meeting page is told to it. */
function planted({ site, switches }: Served, found: File): File {
  const defect = switches.value('meeting-defect');
  if (found.kind !== 'page' || site !== 'meeting' || typeof defect !== 'string') return found;
  const meta = `<meta name="defect" content="${defect.replaceAll(/[^a-z-]/g, '')}">`;
  return file('.html', found.plain.toString().replace('</head>', `${meta}\n</head>`));
}

function cacheControl(switches: Switches, kind: File['kind']): string {
  if (kind === 'page' && switches.on('cache-html')) return 'public, max-age=3600';
  if (kind === 'asset' && switches.on('cache-assets-short')) return 'public, max-age=60';
  return caching[kind];
}

function withoutMissing({ headers, switches }: Served): Record<string, string> {
  const missing = [switches.value('headers-missing') ?? []].flat().map((name) => String(name).toLowerCase());
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !missing.includes(name)));
}

function pageStatus({ switches, site }: Served): number {
  const { site: wrong, code } = (switches.value('http-status') ?? {}) as { site?: string; code?: number };
  return wrong === site && code !== undefined ? code : 200;
}

interface Extra {
  readonly address: string;
  readonly file: File;
  readonly tag: string;
}

let bloat: (Extra & { readonly kilobytes: number }) | undefined;

/** A script of random letters; compression takes at most a quarter off it. */
function bloatOf(switches: Switches): Extra | undefined {
  const kilobytes = switches.number('bundle-bloat');
  if (kilobytes === undefined) return undefined;
  if (bloat?.kilobytes !== kilobytes) {
    const text = `// ${randomBytes(Math.ceil(kilobytes * 1024)).toString('base64')}`;
    const address = hashed('bloat.js', text);
    bloat = { kilobytes, address, file: file('.js', text, 'asset'), tag: `<script src="${address}"></script>` };
  }
  return bloat;
}

const hiding = '[role="alert"] { display: none !important; }';
const hidingAddress = hashed('quiet.css', hiding);
const quiet: Extra = {
  address: hidingAddress,
  file: file('.css', hiding, 'asset'),
  tag: `<link rel="stylesheet" href="${hidingAddress}">`,
};

const snapping = `addEventListener('input', ({ target }) => {
  if (target.closest('form[aria-label="Profile"], form[aria-label="Assistant on your site"]') && 'defaultValue' in target)
    target.value = target.defaultValue;
}, true);`;
const snappingBack = scriptOf('snap.js', snapping);

const keeping = `const form = 'form[aria-label="Assistant on your site"]';
const [shown, kept] = [new WeakSet(), JSON.parse(localStorage.getItem('settings') ?? '{}')];
addEventListener('submit', ({ target }) => {
  if (target.matches(form)) localStorage.setItem('settings', JSON.stringify(Object.fromEntries(new FormData(target))));
}, true);
new MutationObserver(() => {
  for (const field of document.querySelectorAll(form + ' [name]')) {
    if (!shown.has(field) && kept[field.name] !== undefined) field.value = kept[field.name];
    shown.add(field);
  }
}).observe(document, { childList: true, subtree: true });`;
const keepingHere = scriptOf('keep.js', keeping);

function scriptOf(name: string, text: string): Extra {
  const address = hashed(name, text);
  return { address, file: file('.js', text, 'asset'), tag: `<script src="${address}"></script>` };
}

/** What planted faults add to every page. */
const extrasOf = ({ switches, site }: Pick<Served, 'switches' | 'site'>): readonly Extra[] =>
  [
    bloatOf(switches),
    switches.names('alerts-hidden', site) ? quiet : undefined,
    switches.names('fields-snap-back', site) ? snappingBack : undefined,
    switches.names('settings-kept-here', site) ? keepingHere : undefined,
  ].filter((extra) => extra !== undefined);

function withFaults(served: Served, found: File): File {
  const more = planted(served, withExtras(served, found));
  return served.switches.names('storage-off', served.site) ? forgetful(more) : more;
}

/** A script whose every wish to keep something in the browser comes to nothing. */
function forgetful(script: File): File {
  const text = script.plain.toString();
  const keeping = /\blocalStorage\.setItem\(/g;
  return script.type.startsWith('text/javascript') && keeping.test(text)
    ? file('.js', text.replace(keeping, 'String('), script.kind)
    : script;
}

function withExtras(served: Served, page: File): File {
  const extras = page.kind === 'page' ? extrasOf(served) : [];
  if (extras.length === 0) return page;
  const tags = extras.map(({ tag }) => `${tag}\n`).join('');
  return file('.html', page.plain.toString().replace('</head>', `${tags}</head>`));
}
