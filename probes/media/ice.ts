/** A server that helps two sides find a path: STUN tells one's own address, TURN relays. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/**
 * The ICE servers a meeting server's join answer names. `SignalResponse.join` is field 1, `JoinResponse.ice_servers` field 5,
 * `ICEServer` has urls 1, username 2, credential 3. Anything that is not such a message names none.
 */
export function iceServersIn(answer: Uint8Array): IceServer[] {
  return fields(answer)
    .filter(({ number }) => number === 1)
    .flatMap(({ bytes }) => fields(bytes))
    .filter(({ number }) => number === 5)
    .map(({ bytes }) => serverOf(fields(bytes)));
}

/** Host and port of `turn:host:port?transport=udp` and its kin; null when it is none. */
export function hostOf(url: string): { readonly host: string; readonly port: number; readonly relay: boolean } | null {
  const found = /^(stuns?|turns?):(\[[0-9a-f:.]+\]|[^:?\s[\]]+)(?::(\d{1,5}))?(?:\?.*)?$/i.exec(url);
  if (!found) return null;
  const scheme = found[1]!.toLowerCase();
  const port = Number(found[3] ?? (scheme.endsWith('s') ? 5349 : 3478));
  return { host: found[2]!.replace(/^\[|\]$/g, ''), port, relay: scheme.startsWith('turn') };
}

interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

function serverOf(parts: readonly Field[]): IceServer {
  const texts = (number: number) =>
    parts.filter((part) => part.number === number).map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
  return { urls: texts(1), username: texts(2)[0] ?? '', credential: texts(3)[0] ?? '' };
}

/** The length-delimited fields of a protobuf message; what follows a byte that makes no sense is left out. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  while (at < message.length) {
    const key = varint(message, at);
    if (key === null) break;
    const value = varint(message, key.next);
    const wire = key.value & 7;
    const [start, length] = wire === 2 && value ? [value.next, value.value] : [key.next, fixed[wire] ?? -1];
    const end = wire === 0 ? (value?.next ?? -1) : start + length;
    if (end <= at || length < -1 || end > message.length) break;
    if (wire === 2) found.push({ number: key.value >>> 3, bytes: message.subarray(start, end) });
    at = end;
  }
  return found;
}

const fixed: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

function varint(message: Uint8Array, from: number): { value: number; next: number } | null {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = message[from + i];
    if (byte === undefined) return null;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, next: from + i + 1 };
  }
  return null;
}
