import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { pictureOf } from '../../platform/pages/picture.ts';
import { readQr } from '../../platform/qr.ts';
import { qrCode } from '../../reference/services/api/qr-code.ts';
import { browserOfTests } from './browser.ts';

/** Made by two encoders that are not ours: each level of correction, each mask, each way to write a text. */
const given = JSON.parse(readFileSync(new URL('pictures/qr-codes.json', import.meta.url), 'utf8')) as readonly {
  readonly name: string;
  readonly text: string;
  readonly url: string;
}[];

describe('a QR code', () => {
  const browser = browserOfTests();
  let page: Page;
  beforeAll(async () => {
    page = await browser().newPage();
  }, 60_000);

  const read = async (url: string): Promise<string | null> => {
    const picture = await pictureOf(page, url);
    return picture && readQr(picture);
  };

  test.each(given.map(({ name, text, url }) => [name, text, url] as const))('is read: %s', async (_, text, url) => {
    expect(await read(url)).toBe(text);
  });

  test.each([20, 100, 200, 400])('that is drawn as shapes is read: %d letters', async (length) => {
    const text = `otpauth://totp/${'ä'.repeat(2)}${'x'.repeat(length - 19)}`;
    expect(await read(qrCode(text))).toBe(text);
  });

  test.each([
    ['an empty picture', 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>'],
    [
      'a black square',
      'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>',
    ],
    ['no picture', 'data:image/png;base64,AAAA'],
    ['no data', 'https://example.com/picture.png'],
  ])('is not made of %s', async (_, url) => {
    expect(await read(url)).toBeNull();
  });
});
