import { describe, expect, test } from 'vitest';
import { assetsOf, assetsOfStyle, hasRightType, isHashed, looksLikeHtml, staticImports } from '../../probes/page.ts';

const names = (html: string) =>
  assetsOf(html, 'https://a.example/app/').map(({ kind, url, initial }) => `${kind} ${url}${initial ? ' first' : ''}`);

describe('a page names', () => {
  test.each([
    { html: '<script src="/a.js"></script>', found: ['script https://a.example/a.js first'] },
    { html: '<script type="module" src="a.js"></script>', found: ['script https://a.example/app/a.js first'] },
    { html: '<script type="application/ld+json" src="/data.json"></script>', found: [] },
    { html: '<link rel="modulepreload" href="/b.js">', found: ['script https://a.example/b.js first'] },
    { html: '<link rel="stylesheet" href="/c.css">', found: ['style https://a.example/c.css first'] },
    { html: '<link rel="preload" as="font" href="/f.woff2">', found: ['font https://a.example/f.woff2'] },
    { html: '<link rel="shortcut icon" href="/i.svg">', found: ['image https://a.example/i.svg'] },
    {
      html: '<img src="/x.png" srcset="/x.png 1x, /y.png 2x">',
      found: ['image https://a.example/x.png', 'image https://a.example/y.png'],
    },
    { html: '<img src="data:image/png;base64,AAAA">', found: [] },
    { html: '<base href="https://cdn.example/"><img src="x.png">', found: ['image https://cdn.example/x.png'] },
    { html: '<base href="http://["><img src="x.png">', found: ['image https://a.example/app/x.png'] },
    { html: '<style>@font-face{src:url("/f.woff2?v=1")}</style>', found: ['font https://a.example/f.woff2?v=1'] },
    { html: '<!-- <script src="/a.js"></script> -->', found: [] },
    {
      html: '<script src="/a.js"></script><link rel="modulepreload" href="/a.js">',
      found: ['script https://a.example/a.js first'],
    },
  ])('$html', ({ html, found }) => expect(names(html)).toEqual(found));
});

test('a style sheet names its imports, fonts and images', () => {
  const css = `@import "b.css"; @import url(c.css); /* url(no.png) */ a{background:url(d.png)} @font-face{src:url('e.woff2')}`;
  expect(assetsOfStyle(css, 'https://a.example/s/a.css').map(({ kind, url }) => `${kind} ${url}`)).toEqual([
    'style https://a.example/s/b.css',
    'style https://a.example/s/c.css',
    'image https://a.example/s/d.png',
    'font https://a.example/s/e.woff2',
  ]);
});

test('a module imports before it runs what it imports statically', () => {
  const source = `import a from './a.js';import{b as c}from"/b.js";import './c.js';export * from '../d.js';import React from 'react';const e=()=>import('./later.js')`;
  expect(staticImports(source, 'https://a.example/s/m.js')).toEqual([
    'https://a.example/s/a.js',
    'https://a.example/b.js',
    'https://a.example/s/c.js',
    'https://a.example/d.js',
  ]);
});

test.each([
  ['index-B3x9_kQ2.js', true],
  ['app.8f3a91c2.css', true],
  ['landing.4e58fec5d8.js', true],
  ['chunk-DfGhJkLm.js', true],
  ['app.8f3a91c2.min.js', true],
  ['widget.js', false],
  ['jquery.min.js', false],
  ['styles-landing.css', false],
  ['favicon.svg', false],
])('%s has a hash in its name: %s', (name, hashed) =>
  expect(isHashed(`https://a.example/assets/${name}`)).toBe(hashed),
);

test.each([
  ['text/html; charset=utf-8', '', true],
  ['text/javascript', '<!doctype html><html>', true],
  ['application/javascript', '\n<!-- x --><html lang="en">', true],
  ['text/javascript', 'const a = "<html>";', false],
  ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>', false],
])('%s %j is a page: %s', (type, body, html) => expect(looksLikeHtml(type, Buffer.from(body))).toBe(html));

test.each([
  ['script', 'text/javascript; charset=utf-8', true],
  ['script', 'application/javascript', true],
  ['script', 'text/plain', false],
  ['style', 'text/css', true],
  ['style', null, false],
  ['font', 'font/woff2', true],
  ['font', 'application/octet-stream', true],
  ['image', 'image/svg+xml', true],
  ['image', 'application/octet-stream', false],
] as const)('a %s may be %s: %s', (kind, type, right) => expect(hasRightType(kind, type)).toBe(right));
