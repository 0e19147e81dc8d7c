import { type DefaultTreeAdapterTypes, parse } from 'parse5';

export type AssetKind = 'script' | 'style' | 'image' | 'font';

export interface Asset {
  readonly kind: AssetKind;
  /** Absolute. */
  readonly url: string;
  /** Needed for the first view: script, module preload, style. */
  readonly initial: boolean;
  readonly module: boolean;
}

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.Node;

/** Every script, style, image and font a page names, each once, in the page's order. */
export function assetsOf(html: string, pageUrl: string): readonly Asset[] {
  const elements = walk(parse(html));
  const base = elements.map((e) => (e.tagName === 'base' ? attribute(e, 'href') : null)).find(Boolean) ?? pageUrl;
  const baseUrl = URL.canParse(base, pageUrl) ? new URL(base, pageUrl).href : pageUrl;
  const inline = elements.filter((e) => e.tagName === 'style').flatMap((e) => assetsOfStyle(textOf(e), baseUrl));
  const named = elements.flatMap((e) => namedBy(e).flatMap((found) => absolute(found, baseUrl)));
  return once([...named, ...inline]);
}

/** What a style sheet imports and shows: further styles, images and fonts. */
export function assetsOfStyle(css: string, styleUrl: string): readonly Asset[] {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, '');
  const imports = [...bare.matchAll(/@import\s+(?:url\(\s*)?["']?([^"')\s;]+)/g)].map((m) => m[1] ?? '');
  const urls = [...bare.matchAll(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)/g)].map(
    (m) => m[1] ?? m[2] ?? m[3] ?? '',
  );
  const shown = urls.filter((url) => !imports.includes(url));
  return once([
    ...imports.flatMap((url) => absolute({ kind: 'style', url, initial: true, module: false }, styleUrl)),
    ...shown.flatMap((url) => absolute({ kind: kindOfName(url), url, initial: false, module: false }, styleUrl)),
  ]);
}

/** Modules a module imports before it runs; dynamic `import()` is not part of the first view. */
export function staticImports(source: string, moduleUrl: string): readonly string[] {
  const pattern = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*\s{},]+?\s*from\s*)?["']([^"']+)["']/g;
  const found = [...source.matchAll(pattern)].map((m) => m[1] ?? '');
  const local = found.filter((name) => /^(?:\.{0,2}\/|https?:)/.test(name) && URL.canParse(name, moduleUrl));
  return [...new Set(local.map((name) => new URL(name, moduleUrl).href))];
}

/** True when an answer is a page, whatever was asked for: the fallback of a single-page site, or an error page. */
export function looksLikeHtml(contentType: string | null, body: Buffer): boolean {
  if (/text\/html|application\/xhtml/i.test(contentType ?? '')) return true;
  return /^\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html)\b/i.test(
    body
      .subarray(0, 1024)
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
  );
}

const rightTypes: Readonly<Record<AssetKind, RegExp>> = {
  script: /^(?:text|application)\/(?:x-)?(?:java|ecma)script\b/i,
  style: /^text\/css\b/i,
  image: /^image\//i,
  // Servers without a font type send the generic one, and browsers take fonts by their bytes.
  font: /^(?:font\/|application\/(?:x-)?font|application\/vnd\.ms-fontobject|application\/octet-stream)/i,
};

export const hasRightType = (kind: AssetKind, contentType: string | null): boolean =>
  rightTypes[kind].test(contentType ?? '');

/** A name that changes with its content (`index-B3x9_kQ2.js`, `app.8f3a91c2.css`) may be cached for ever. */
export function isHashed(url: string): boolean {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  const parts = /^(.+)[-.]([\w-]{8,})\.\w+(?:\.\w+)?$/.exec(name.replace(/\.min\./, '.'));
  const hash = parts?.[2] ?? '';
  return /\d/.test(hash) || (/[A-Z]/.test(hash) && /[a-z]/.test(hash));
}

interface Named extends Asset {}

function namedBy(element: Element): readonly Named[] {
  const of = (kind: AssetKind, url: string | null, initial = false, module = false): Named[] =>
    url ? [{ kind, url, initial, module }] : [];
  switch (element.tagName) {
    case 'script':
      return of(
        'script',
        isScript(element) ? attribute(element, 'src') : null,
        true,
        attribute(element, 'type') === 'module',
      );
    case 'img':
    case 'source':
      return [
        ...(element.tagName === 'img' ? of('image', attribute(element, 'src')) : []),
        ...sourceSet(element).flatMap((url) => of('image', url)),
      ];
    case 'link':
      return ofLink(element, of);
    default:
      return [];
  }
}

function ofLink(
  link: Element,
  of: (kind: AssetKind, url: string | null, initial?: boolean, module?: boolean) => Named[],
): readonly Named[] {
  const rel = (attribute(link, 'rel') ?? '').toLowerCase().split(/\s+/);
  const href = attribute(link, 'href');
  if (rel.includes('stylesheet') && !rel.includes('alternate')) return of('style', href, true);
  if (rel.includes('modulepreload')) return of('script', href, true, true);
  if (rel.some((word) => word === 'icon' || word === 'apple-touch-icon')) return of('image', href);
  const as = attribute(link, 'as');
  if (!rel.includes('preload') || !(as === 'script' || as === 'style' || as === 'image' || as === 'font')) return [];
  return of(as, href, as === 'script' || as === 'style');
}

/** `type="application/json"` and its like are data and never fetched as scripts. */
function isScript(element: Element): boolean {
  const type = (attribute(element, 'type') ?? '').trim();
  return type === '' || type === 'module' || rightTypes.script.test(type);
}

function sourceSet(element: Element): readonly string[] {
  const set = attribute(element, 'srcset') ?? '';
  // A comma inside a data: address would be cut here, and data: addresses are not fetched anyway.
  return set.split(/,\s+/).flatMap((part) => part.trim().split(/\s+/)[0] || []);
}

function absolute(found: Named, base: string): readonly Asset[] {
  if (!URL.canParse(found.url, base)) return [];
  const url = new URL(found.url, base);
  url.hash = '';
  return /^https?:$/.test(url.protocol) ? [{ ...found, url: url.href }] : [];
}

function once(assets: readonly Asset[]): readonly Asset[] {
  const known = new Map<string, Asset>();
  for (const asset of assets) {
    const before = known.get(asset.url);
    known.set(asset.url, before ? { ...before, initial: before.initial || asset.initial } : asset);
  }
  return [...known.values()];
}

const kindOfName = (url: string): AssetKind => (/\.(?:woff2?|ttf|otf|eot)(?:[?#]|$)/i.test(url) ? 'font' : 'image');

const attribute = (element: Element, name: string): string | null =>
  element.attrs.find((a) => a.name === name)?.value.trim() ?? null;

const textOf = (element: Element): string =>
  element.childNodes.map((child) => ('value' in child ? String(child.value) : '')).join('');

function walk(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes.flatMap(walk) : [];
  return 'tagName' in node ? [node, ...children] : children;
}
