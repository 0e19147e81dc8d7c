import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { parseArgs } from 'node:util';

/**
 * A relay for datagrams between people and the meeting server, that delays, loses or holds back some of them:
 * `node relay.ts --listen HOST:PORT --target HOST:PORT [--delay-ms N] [--loss 0.02] [--way up|down] [--only audio|handshake|large] [--for-ms N]`.
 * Delay and loss count in each direction, so what one person sends to another goes through twice, unless `--way` names one: up is
 * to the server, down is to people. `--only large` is dropped, and only for the first `--for-ms` of each person's connection.
 */
const { values } = parseArgs({
  options: {
    listen: { type: 'string' },
    target: { type: 'string' },
    'delay-ms': { type: 'string', default: '0' },
    loss: { type: 'string', default: '0' },
    way: { type: 'string', default: 'both' },
    only: { type: 'string', default: 'all' },
    'for-ms': { type: 'string', default: '0' },
  },
});
const listen = place(values.listen);
const target = place(values.target);
const delayMs = Number(values['delay-ms']);
const loss = Number(values.loss);
const forMs = Number(values['for-ms']);
const idleMs = 60_000;

interface Person {
  readonly socket: Socket;
  readonly firstMs: number;
  lastMs: number;
}

const people = new Map<string, Person>();
const door = createSocket('udp4');
door.on('message', (datagram, from) => {
  const person = personAt(from);
  person.lastMs = Date.now();
  const send = (): void => person.socket.send(datagram, target.port, target.host);
  if (values.way === 'down') send();
  else hand(datagram, person, send);
});
door.bind(listen.port, listen.host);
setInterval(forgetIdle, 10_000);

function personAt(from: RemoteInfo): Person {
  const name = `${from.address}:${from.port}`;
  const known = people.get(name);
  if (known) return known;
  const socket = createSocket('udp4');
  const person: Person = { socket, firstMs: Date.now(), lastMs: Date.now() };
  socket.on('message', (datagram) => {
    const send = (): void => door.send(datagram, from.port, from.address);
    if (values.way === 'up') send();
    else hand(datagram, person, send);
  });
  socket.on('error', () => undefined);
  socket.bind(0, target.host);
  people.set(name, person);
  return person;
}

/** Timers of one length end in the order they began, so datagrams keep theirs. */
function hand(datagram: Buffer, person: Person, send: () => void): void {
  if (values.only === 'large') {
    const held = kindOf(datagram) === 'picture' && Date.now() - person.firstMs < forMs;
    if (!held) send();
  } else if (values.only !== 'all' && kindOf(datagram) !== values.only) send();
  else if (random() >= loss) setTimeout(send, delayMs);
}

const opus = new Set([111, 63]);

/** RFC 7983: the first byte tells media (128 to 191) from what sets a connection up; RTCP has 200 to 207 as its second. */
function kindOf(datagram: Buffer): 'audio' | 'picture' | 'handshake' | 'other' {
  const [first = 0, second = 0] = datagram;
  if (first < 64) return 'handshake';
  if (first < 128 || first > 191 || (second >= 192 && second <= 223)) return 'other';
  return opus.has(second & 127) ? 'audio' : 'picture';
}

/** The same losses each time: Marsaglia's xorshift (J. Stat. Softw. 8, 2003). */
let state = 2_463_534_242;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4_294_967_296;
}

function forgetIdle(): void {
  for (const [name, { lastMs, socket }] of people) {
    if (Date.now() - lastMs < idleMs) continue;
    socket.close();
    people.delete(name);
  }
}

function place(text: string | undefined): { host: string; port: number } {
  const [host = '', port = ''] = text?.split(':') ?? [];
  if (host === '' || !Number(port)) throw new Error(`expected HOST:PORT, found ${text}`);
  return { host, port: Number(port) };
}
