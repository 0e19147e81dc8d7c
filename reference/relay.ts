import { connect, createServer } from 'node:net';

/**
 * A relay in front of a server on loopback that replaces one text by another of the same length in what the server says,
 * so that a server can be seen to claim another version. `node relay.ts LISTEN CONNECT FROM TO`.
 */
const [listen, target, from = '', to = ''] = process.argv.slice(2);
if (from === '' || from.length !== to.length) throw new Error('expected two texts of the same length');

createServer((near) => {
  const far = connect(Number(target), '127.0.0.1');
  near.pipe(far);
  far.on('data', (bytes) => near.write(replaced(bytes)));
  far.on('end', () => near.end());
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const)
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
}).listen(Number(listen), '127.0.0.1');

/** latin1 keeps every byte as it is. */
function replaced(bytes: Buffer): Buffer {
  return bytes.includes(from) ? Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1') : bytes;
}
