import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Sockets on which the processes wait for others: listening streams and unconnected datagrams, from the kernel's own tables. */
export function listeners(
  pids: readonly number[],
): { protocol: string; address: string; port: number; loopback: boolean }[] {
  const inodes = new Set(pids.flatMap(socketInodes));
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9]!) && waits(protocol, fields))
      .map((fields) => describe(protocol, fields[1]!)),
  );
}

const listening = '0A';
const unconnected = '07';
const waits = (protocol: string, fields: string[]) =>
  fields[3] === (protocol.startsWith('tcp') ? listening : unconnected);

function describe(protocol: string, local: string) {
  const [address, port] = local.split(':') as [string, string];
  // Addresses stand there in the machine's byte order: 127.0.0.1 is 0100007F, ::1 ends in 01000000.
  const loopback =
    /7F$/.test(address) ||
    address === '00000000000000000000000001000000' ||
    /^0000000000000000FFFF0000.{6}7F$/.test(address);
  return { protocol, address, port: Number.parseInt(port, 16), loopback };
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => inodeOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function inodeOf(path: string): string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.slice(1) ?? [];
  } catch {
    return [];
  }
}
