import { expect, test } from 'vitest';
import { cut, wrap } from '../../reporters/terminal.ts';
import { clean, duration, group, latency, moment, quantity, range, shorten } from '../../reporters/words.ts';

test.each<[readonly [number | null, number | null], string, string]>([
  [[0, 4.976], '%', '0 to 4.98 %'],
  [[0.000206, 0.21304], '%', '0 to 0.214 %'],
  [[4.9999999999, 5], '%', '5 to 5 %'],
  [[4.99, 5.001], '%', '4.99 to 5.01 %'],
  [[11.82, 17.11], '%', '11.8 to 17.2 %'],
  [[41.26, 1204.2], 'ms', '41.2 ms to 1.21 s'],
  [[352.4, null], 'ms', 'at least 352 ms'],
  [[null, 352.4], 'ms', 'at most 353 ms'],
  [[352.4, Number.POSITIVE_INFINITY], 'ms', 'at least 352 ms'],
  [[null, null], 'ms', ''],
  [[212_400, 213_100], 'By', '212 to 214 kB'],
  [[3, 4], '1', '3 to 4'],
])('the bounds %j in %s are never drawn in: %s', (bounds, unit, text) => expect(range(bounds, unit)).toBe(text));

test.each([
  [0.4213, '0.421 ms'],
  [999.4, '999 ms'],
  [1905, '1.91 s'],
  [119_900, '120 s'],
  [125_000, '2 min 05 s'],
])('a latency of %d ms is %s', (ms, text) => expect(latency(ms)).toBe(text));

test.each([
  [2.2, '2 ms'],
  [1480, '1.5 s'],
  [9_960, '10 s'],
  [59_600, '1 min 00 s'],
  [221_834, '3 min 42 s'],
  [3_599_600, '1 h 00 min'],
  [172_800_000, '48 h 00 min'],
])('%d ms last %s', (ms, text) => expect(duration(ms)).toBe(text));

test('numbers in threes from five digits on', () =>
  expect([999, 1356, 16_204].map(group)).toEqual(['999', '1356', '16 204']));
test('other units', () => expect([quantity(3, '1'), quantity(0.5, 'rate/s')]).toEqual(['3', '0.5 rate/s']));
test('a moment is told in UTC, and what is none is left as it is', () => {
  expect([moment('2026-01-02T03:04:05.678Z'), moment('soon')]).toEqual(['2 Jan 2026, 03:04:05 UTC', 'soon']);
});

test('foreign text cannot steer a terminal or turn round', () => {
  expect(clean('a\u001b[2J\u0007\u009b1m\u202eb\u200bc\ud800\r\nd')).toBe(
    'a\\u{1b}[2J\\u{7}\\u{9b}1m\\u{202e}b\\u{200b}c\ufffd d',
  );
});
test('what is cut says so', () =>
  expect(shorten('x'.repeat(12_000), 3)).toBe('xxx… (cut; report.json has all 12 000 characters)'));

test('wide characters take the room they take', () => {
  expect(wrap('日本語 日本', 6)).toEqual(['日本語', '日本']);
  expect(wrap('aaaa bb cccccccc', 5)).toEqual(['aaaa', 'bb', 'ccccc', 'ccc']);
  expect(cut('日本語日本', 7)).toBe('日本語…');
});
