import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Site } from '../common/config.ts';
import { appDirectory, isApp } from './apps.ts';

export interface File {
  readonly type: string;
  readonly kind: 'page' | 'asset' | 'other';
  readonly plain: Buffer;
  readonly gzip: Buffer | undefined;
  readonly br: Buffer | undefined;
}

/** Every address of a site and what stands there; the index page is also the answer to unknown paths. */
export type Files = ReadonlyMap<string, File>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};
const sources = join(import.meta.dirname, 'sites');
const worthCompressing = 256;

/** Reads a site's files once, names its assets by what is in them, and compresses everything in advance. */
export function build(site: Site, values: Readonly<Record<string, string>>): Files {
  return isApp(site) ? readApp(appDirectory(site), values) : readPages(site, values);
}

/** Vite has named the assets by their hashes already; only addresses of the deployment are filled in. */
function readApp(directory: string, values: Readonly<Record<string, string>>): Files {
  const files = new Map<string, File>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const address = `/${relative(directory, path)}`;
    const text = readFileSync(path, 'utf8');
    if (address === '/index.html') files.set('/', file('.html', withValues(text, values)));
    else files.set(address, file(extname(path), text, 'asset'));
  }
  return files;
}

function readPages(site: Site, values: Readonly<Record<string, string>>): Files {
  const read = (folder: string) => readdirSync(join(sources, folder)).map((name) => join(sources, folder, name));
  const all = [...read('shared'), ...read(site)];
  const assets = new Assets(
    all.filter((path) => ['.css', '.js', '.svg'].includes(extname(path)) && basename(path) !== 'widget.js'),
  );
  const files = new Map<string, File>();
  for (const path of all) {
    const address = addressOf(path);
    if (address) files.set(address, file(extname(path), filled(readFileSync(path, 'utf8'), values, assets)));
  }
  for (const [address, text] of assets.used) files.set(address, file(extname(address), text, 'asset'));
  return files;
}

/** Only pages and the widget have a plain address; all else is named by its hash. */
function addressOf(path: string): string | undefined {
  const name = basename(path);
  if (name === 'widget.js') return '/widget/v1/widget.js';
  if (name === 'index.html') return '/';
  if (name.endsWith('.html')) return `/${basename(name, '.html')}`;
  return /\.(txt|xml)$/.test(name) ? `/${name}` : undefined;
}

export function file(extension: string, text: string, kind?: File['kind']): File {
  const plain = Buffer.from(text);
  const small = plain.length < worthCompressing;
  return {
    type: types[extension] ?? 'application/octet-stream',
    kind: kind ?? (extension === '.html' ? 'page' : 'other'),
    plain,
    gzip: small ? undefined : gzipSync(plain, { level: 9 }),
    br: small ? undefined : brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  };
}

export const hashed = (name: string, text: string): string => {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 10);
  return `/assets/${basename(name, extname(name))}.${hash}${extname(name)}`;
};

function filled(text: string, values: Readonly<Record<string, string>>, assets: Assets): string {
  return withValues(
    text.replace(/\{\{asset:([\w.-]+)\}\}/g, (_, name) => assets.address(name)),
    values,
  );
}

const withValues = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? '');

class Assets {
  readonly used = new Map<string, string>();
  readonly #paths: ReadonlyMap<string, string>;

  constructor(paths: readonly string[]) {
    this.#paths = new Map(paths.map((path) => [basename(path), path]));
  }

  /** A script's imports are named by their hashes too, so their names go into its own. */
  address(name: string): string {
    const path = this.#paths.get(name);
    if (!path) throw new Error(`a page asks for the asset ${name}, which is not there`);
    const text = readFileSync(path, 'utf8').replace(
      /from '\.\/([\w.-]+)'/g,
      (_, other) => `from '${this.address(other)}'`,
    );
    const address = hashed(name, text);
    this.used.set(address, text);
    return address;
  }
}
