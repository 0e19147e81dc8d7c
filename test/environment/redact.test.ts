import { expect, test } from 'vitest';
import { redactor } from '../../environment/redact.ts';
import { secretForms } from '../../environment/secret-forms.ts';

const secret = 'p&ss "w0rd"/<x>';
const { text, value } = redactor([secret, 'long-secret-word', 'long-secret-word-longer', 'tiny']);

test.each([
  ['itself', `before ${secret} after`, 'before [redacted] after'],
  ['in an address', `?x=${encodeURIComponent(secret)}&y`, '?x=[redacted]&y'],
  ['in a form', new URLSearchParams({ x: secret }).toString(), 'x=[redacted]'],
  ['in JSON', JSON.stringify({ x: secret }), '{"x":"[redacted]"}'],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ x: secret })), String.raw`"{\"x\":\"[redacted]\"}"`],
  ['in HTML', 'a p&amp;ss &quot;w0rd&quot;/&lt;x&gt; b', 'a [redacted] b'],
  ['the longer of two that begin alike', 'long-secret-word-longer long-secret-word', '[redacted] [redacted]'],
  ['one too short to be searched for', 'a tiny thing', 'a tiny thing'],
])('a known secret: %s', (_, given, expected) => {
  expect(text(given)).toBe(expected);
});

test.each([0, 1, 2, 3, 4, 5, 6])('a known secret inside a base64 text, %d bytes in', (before) => {
  for (const encoding of ['base64', 'base64url'] as const) {
    const encoded = Buffer.from(`${'u'.repeat(before)}${secret}, and more`).toString(encoding);
    expect(text(encoded)).toContain('[redacted]');
    expect(secretForms(secret).some(({ text: form }) => encoded.includes(form))).toBe(true);
  }
});

test.each([
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', '[redacted]'],
  ['Authorization: Bearer abcDEF123456.xyz', 'Authorization: Bearer [redacted]'],
  ['authorization: basic dXNlcjpwYXNzd29yZA==', 'authorization: basic [redacted]'],
  ['Cookie: __Secure-authjs.session-token=1f0e; a=b', 'Cookie: __Secure-authjs.session-token=[redacted]; a=b'],
  ['__Host-authjs.csrf-token=abc%7Cdef', '__Host-authjs.csrf-token=[redacted]'],
  ['postgres://app:hunter2@db.example/x', 'postgres://app:[redacted]@db.example/x'],
  ['redis://:hunter2@r.example', 'redis://:[redacted]@r.example'],
  ['wss://lk.example/rtc?access_token=abc&x=1', 'wss://lk.example/rtc?access_token=[redacted]&x=1'],
  ['host=db password=hunter2 user=app', 'host=db password=[redacted] user=app'],
  ['{"email":"a@b.c","password":"hunter2"}', '{"email":"a@b.c","password":"[redacted]"}'],
  [String.raw`{\"sessionToken\":\"abc\"}`, String.raw`{\"sessionToken\":\"[redacted]\"}`],
])('what looks like a credential: %s', (given, expected) => {
  expect(text(given)).toBe(expected);
  expect(text(expected)).toBe(expected);
});

test.each([
  'https://api.example:3001/trpc/auth.login?batch=1',
  'the password must have 12 characters',
  'Bearer tokens are refused',
  'basic authentication is off',
  'session-token cookies are HttpOnly',
  'postgres.connections',
  'wss://rt.example/ws: closed with 1008, Invalid or expired session',
  'http://[::1]:3000/a:b@c',
])('what does not is left alone: %s', (given) => {
  expect(text(given)).toBe(given);
});

test('a whole entry keeps its shape', () => {
  const entry = { kind: 'finding', nested: [{ what: secret, count: 3, none: null, [secret]: true }] };
  expect(value(entry)).toEqual({
    kind: 'finding',
    nested: [{ what: '[redacted]', count: 3, none: null, '[redacted]': true }],
  });
});

test('fifty thousand entries take no time to speak of', () => {
  const many = redactor(Array.from({ length: 30 }, (_, index) => `secret-number-${index}-${'x'.repeat(20)}`));
  const entry = {
    kind: 'measurement',
    check: 'smoke.api.health',
    observed: '200 {"status":"ok"} in 41.2 ms from https://api.example/health',
  };
  const started = performance.now();
  for (let index = 0; index < 50_000; index++) many.value(entry);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('a long hostile text takes no time to speak of', () => {
  const started = performance.now();
  for (const piece of [
    'a:',
    '://',
    'token=',
    'password',
    '"token":',
    'x.-session-token',
    'eyJa.',
    'eyJ-',
    'eyJabcd.',
    'bearer ',
    '\\',
    '"',
    ' ',
    'a://b:',
  ])
    text(piece.repeat(20_000));
  text(`http://${'a'.repeat(200_000)}`);
  expect(performance.now() - started).toBeLessThan(3_000);
});
