import net from 'node:net';
import { expect, test } from 'vitest';
import { chromiumArguments } from '../../environment/egress.ts';
import { launchBrowser } from '../pages/browser.ts';
import { healthy } from '../servers/index.ts';
import { deployment } from './deployment.ts';

test('every spelling of an allowed host is left to resolve, and nothing else', () => {
  const environment = deployment('api: { url: http://127.0.0.1:3001 }\naddresses: ["*.staging.example", 10.0.0.1]');
  expect(chromiumArguments(environment)).toEqual([
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.staging.example, EXCLUDE 10.0.0.1, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
  ]);
});

test('a browser so started reaches a listed host and no other', { timeout: 60_000 }, async () => {
  const onList = await healthy();
  let seen = 0;
  const offList = net.createServer(() => seen++);
  await new Promise<void>((resolve) => offList.listen(0, '127.0.0.2', resolve));
  const { port } = offList.address() as net.AddressInfo;
  const browser = await launchBrowser(chromiumArguments(deployment(`api: { url: ${onList.url} }`)));
  try {
    const page = await browser.newPage();
    expect((await page.goto(`${onList.url}/health`))?.status()).toBe(200);
    const other = await browser.newPage();
    await expect(other.goto(`http://127.0.0.2:${port}/`)).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
    const socket = (url: string) =>
      new Promise((resolve) => Object.assign(new WebSocket(url), { onerror: () => resolve('refused') }));
    expect(await page.evaluate(socket, `ws://127.0.0.2:${port}/`)).toBe('refused');
    expect(seen).toBe(0);
  } finally {
    await browser.close();
    offList.close();
    await onList.close();
  }
});
