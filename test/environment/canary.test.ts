import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { searchCanaries } from '../../environment/canary.ts';

const secret = 'canary-7f3a"91';
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-canary-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), content);
}

/** An archive of one file, as a tool would write it. */
function zip(name: string, content: Buffer, stored = false): Buffer {
  const packed = stored ? content : deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(stored ? 0 : 8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
  const entry = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

const found = async () => (await searchCanaries(directory, [secret])).leaks.map(({ file, form }) => `${file} ${form}`);

test('nothing is found where nothing is', async () => {
  write('run.ndjson', '{"kind":"run"}\n');
  write('trace.zip', zip('trace.network', Buffer.from('nothing')));
  expect(await searchCanaries(directory, [secret])).toEqual({ leaks: [], filesSearched: 2, tooShort: 0, unread: [] });
});

test('each form is found, with its place', async () => {
  write('a.txt', `0123456789${secret}`);
  write('b/c.json', JSON.stringify({ x: secret }));
  write('d.url', encodeURIComponent(secret));
  write('e.b64', Buffer.from(`user:${secret}`).toString('base64'));
  write('f.html', `<p>${secret.replace('"', '&quot;')}</p>`);
  expect((await searchCanaries(directory, [secret])).leaks[0]).toEqual({ file: 'a.txt', offset: 10, form: 'plain' });
  expect(await found()).toEqual([
    'a.txt plain',
    'b/c.json json-escaped',
    'd.url url-encoded',
    'e.b64 base64',
    'f.html html-escaped',
  ]);
});

test('archives are opened, whatever their names, three deep', async () => {
  const content = Buffer.from(`${'-'.repeat(1000)}${secret}`);
  write('trace.zip', zip('trace.network', content));
  write('stored', zip('x', content, true));
  write('log.gz', gzipSync(content));
  write('deep.zip', zip('inner.zip', zip('log.gz', gzipSync(content))));
  expect(await found()).toEqual([
    'deep.zip!inner.zip!log.gz! plain',
    'log.gz! plain',
    'stored plain',
    'stored!x plain',
    'trace.zip!trace.network plain',
  ]);
});

test('a secret that lies across two pieces of a large file is found', async () => {
  const chunk = 4 * 1024 * 1024;
  for (const shift of [-20, -14, -7, -1, 0, 1]) {
    const content = Buffer.alloc(2 * chunk + 100, 'x');
    content.write(secret, 2 * chunk + shift);
    write('large', content);
    const { leaks } = await searchCanaries(directory, [secret]);
    expect(leaks).toEqual([{ file: 'large', offset: 2 * chunk + shift, form: 'plain' }]);
  }
});

test('an archive that cannot be read is not taken for clean', async () => {
  const whole = zip('x', Buffer.from('some content that is long enough to be cut'));
  write('cut.zip', whole.subarray(0, whole.length - 30));
  write('cut.gz', gzipSync(Buffer.from('content')).subarray(0, 15));
  const { unread } = await searchCanaries(directory, [secret]);
  expect(unread.map(({ file }) => file)).toEqual(['cut.gz', 'cut.zip']);
});

test('secrets too short to be told from chance are counted, not searched for', async () => {
  write('a', 'abc');
  expect(await searchCanaries(directory, ['abc', secret])).toMatchObject({ leaks: [], tooShort: 1 });
});

test('links are not followed', async () => {
  symlinkSync('/', join(directory, 'root'));
  expect(await searchCanaries(directory, [secret])).toMatchObject({ filesSearched: 0 });
});
