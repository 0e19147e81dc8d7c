import { createHash } from 'node:crypto';
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { describe, expect, test } from 'vitest';
import { binned } from '../../reporters/html/bins.ts';
import { htmlPage } from '../../reporters/html/index.ts';
import { html } from '../../reporters/html/markup.ts';
import { plot } from '../../reporters/html/plot.ts';
import { dark, light, type Palette } from '../../reporters/html/style.ts';
import type { Distribution } from '../../verdict/types.ts';
import { all, healthy, hostile, latencies } from './fixtures.ts';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const fetching = [
  'src',
  'href',
  'xlink:href',
  'srcset',
  'action',
  'formaction',
  'data',
  'poster',
  'background',
  'ping',
];

const pageOf = (report: typeof healthy) => htmlPage.render(report)[0]!.text;

function elements(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes.flatMap(elements) : [];
  return 'tagName' in node ? [node, ...children] : children;
}

function text(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(text).join('') : '';
}

describe.each(Object.entries(all))('%s', (_, report) => {
  const page = pageOf(report);
  const found = elements(parse(page));

  test('refers to nothing outside itself', () => {
    const references = found.flatMap(({ attrs }) => attrs.filter(({ name }) => fetching.includes(name)));
    expect(references.filter(({ value }) => !value.startsWith('#'))).toEqual([]);
    const styles = found
      .filter(({ tagName }) => tagName === 'style')
      .map(text)
      .join();
    expect(styles).not.toMatch(/url\((?!#)|@import|https?:/i);
  });
  test('holds the elements we write and no other, whatever a deployment said', () => {
    const allowed =
      'a article b body code dd defs details div dl dt footer h1 h2 h3 head header html i input label li link main meta output p path pattern rect script search section span style summary svg table tbody td text th thead title tr ul wbr'.split(
        ' ',
      );
    expect(found.map((element) => element.tagName).filter((name) => !allowed.includes(name))).toEqual([]);
    expect(found.filter((element) => element.tagName === 'script')).toHaveLength(1);
    expect(
      found.flatMap((element) => element.attrs.filter(({ name }) => name.startsWith('on') || name === 'style')),
    ).toEqual([]);
  });
  test('runs and styles only what its policy names', () => {
    const policy = found.find((element) => element.attrs.some(({ value }) => value === 'Content-Security-Policy'))!;
    const said = policy.attrs.find(({ name }) => name === 'content')!.value;
    for (const element of found.filter(({ tagName }) => tagName === 'script' || tagName === 'style'))
      expect(said).toContain(`sha256-${createHash('sha256').update(text(element)).digest('base64')}`);
    expect(said).toContain("default-src 'none'");
  });
  test('every table has headers, every picture a description, every id is there once', () => {
    for (const table of found.filter(({ tagName }) => tagName === 'table'))
      expect(
        elements(table).filter(({ tagName, attrs }) => tagName === 'th' && attrs.some(({ name }) => name === 'scope'))
          .length,
      ).toBeGreaterThan(0);
    for (const svg of found.filter(({ tagName }) => tagName === 'svg'))
      expect(
        svg.attrs.some(({ name, value }) => (name === 'aria-label' && value.length > 20) || name === 'aria-hidden'),
      ).toBe(true);
    const ids = found.flatMap(({ attrs }) => attrs.filter(({ name }) => name === 'id').map(({ value }) => value));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('the verdict stands before anything else, in a word and a sign', () => {
  const h1 = elements(parse(pageOf(healthy))).find(({ tagName }) => tagName === 'h1')!;
  expect(text(h1)).toBe('✓Pass');
});

test('foreign text is all there, as text', () => {
  expect(text(parse(pageOf(hostile)))).toContain(`<script>alert(1)</script>"'&<img src=x onerror=alert(1)>`);
  expect(html`<b>${'<i>'}</b>`.markup).toBe('<b>&lt;i&gt;</b>');
});

describe('contrast', () => {
  const inks = ['ink', 'soft', 'good', 'bad', 'spoilt', 'doubt', 'unseen'] as const;
  test.each([
    ['light', light],
    ['dark', dark],
  ])('%s: all text is at least 4.5 to 1 on every ground', (_, palette: Palette) => {
    const pairs = inks.flatMap((ink) => [
      contrast(palette[ink], palette.ground),
      contrast(palette[ink], palette.raised),
    ]);
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(4.5);
    expect(
      Math.min(contrast(palette.bar, palette.ground), contrast(palette.late, palette.ground)),
    ).toBeGreaterThanOrEqual(3);
  });
});

/** WCAG 2.1, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('plot', () => {
  const share = latencies(100, 0.5, 1000, { limit: 200 });

  test('no bin lies across the target, and no sample is lost or doubled', () => {
    const bins = binned(share);
    expect(bins.filter((bin) => bin.from < 200 && bin.to > 200)).toEqual([]);
    expect(bins.reduce((total, bin) => total + bin.count, 0)).toBeCloseTo(1000, 6);
    expect(bins.length).toBeLessThan(70);
  });
  const none: Distribution['quantiles'] = { p50: null, p90: null, p95: null, p99: null, max: null };
  test.each<[string, Distribution]>([
    ['no sample', { unit: 'ms', buckets: [], lost: 0, quantiles: none }],
    ['everything lost', { unit: 'ms', buckets: [], lost: 500, quantiles: none, limit: 50, interval: [null, null] }],
    [
      'one sample',
      {
        unit: 'ms',
        buckets: [{ from: 3, to: 3, count: 1 }],
        lost: 0,
        quantiles: { ...none, p50: 3, p95: 3 },
        limit: 50,
      },
    ],
    [
      'from zero',
      {
        unit: 'ms',
        buckets: [{ from: 0, to: 5, count: 9 }],
        lost: 0,
        quantiles: { ...none, p50: 0, p95: 0 },
        limit: 50,
        interval: [0, 5],
      },
    ],
    ['an open interval', { ...share, lost: 80, interval: [190, null] }],
    ['six decades', latencies(10, 3, 500, { limit: 50, interval: [null, 4000] })],
    ['a limit of nothing', { ...share, limit: 0 }],
  ])('%s is drawn with numbers only, all of them on the canvas', (_, distribution) => {
    const { markup } = plot(distribution, 'P95');
    expect(markup).not.toMatch(/NaN|Infinity|undefined|null/);
    const across = [...markup.matchAll(/ x="(-?[\d.]+)"/g)].map((match) => Number(match[1]));
    expect(Math.min(...across)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...across)).toBeLessThanOrEqual(400);
  });
});
