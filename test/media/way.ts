import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AccessToken } from 'livekit-server-sdk';
import { stringify } from 'yaml';
import { matchTones, type ToneCall } from '../../probes/media/match.ts';
import { openParticipants, type Participants } from '../../probes/media/participants.ts';
import { freePorts } from '../../reference/parts/ports.ts';
import { nodeBinary, tools } from '../../reference/parts/tools.ts';
import { deployment } from '../environment/deployment.ts';

/** What our participants measured in one meeting. */
export interface Seen {
  /** Median from speaking to hearing. */
  readonly audioMs: number;
  readonly heard: number;
  readonly unheard: number;
  /** The quickest of three, from dialling to the first picture. */
  readonly pictureMs: number;
  readonly received: number;
  readonly lost: number;
}

const key = 'way';
const secret = 'a-secret-of-thirty-two-characters-at-least';
const toneEveryMs = 200;
const children: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'shakedown-way-'));

export async function closeMeetings(): Promise<void> {
  for (const child of children.splice(0)) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await gone;
  }
  rmSync(directory, { recursive: true, force: true });
}

/**
 * A meeting server of its own and, between it and people, a relay with these options (null: no relay). One speaks and is seen,
 * another listens, and three more come one after the other to look.
 */
export async function look(relay: readonly string[] | null, tones = 40): Promise<Seen> {
  const url = await meetingServer(relay);
  const environment = deployment(`meetings: { url: "${url}", tokens: { mint: { key: ${key}, secret: ${secret} } } }`);
  const startedMs = performance.now();
  const now = (): number => performance.now() - startedMs;
  const participants = openParticipants({ environment, signal: AbortSignal.timeout(180_000), now });
  const enter = async (who: string) => {
    const done = await participants.join(who, { url, token: await tokenOf(who), iceServers: [], timeoutMs: 60_000 });
    if (!done.ok) throw new Error(`${who}: ${done.because}`);
    return done.value;
  };
  try {
    await enter('host');
    await participants.show('host', 'camera');
    await enter('listener');
    const heard = await converse(participants, now, tones);
    const pictures: number[] = [];
    for (const who of ['first', 'second', 'third']) pictures.push(await firstPicture(participants, who, enter));
    return { ...heard, pictureMs: Math.min(...pictures) };
  } finally {
    await participants.close();
  }
}

async function converse(
  participants: Participants,
  now: () => number,
  tones: number,
): Promise<Omit<Seen, 'pictureMs'>> {
  const calls: ToneCall[] = [];
  participants.listen((happening) => {
    if (happening.what === 'spoke') calls.push({ ...happening, kind: 'spoke', waitedMs: 0 });
    if (happening.what === 'heard' && happening.who === 'listener') calls.push({ ...happening, kind: 'heard' });
  });
  await participants.speak('host', { everyMs: toneEveryMs, count: tones });
  await sleep(tones * toneEveryMs + 4_500);
  const stats = await participants.stats('listener');
  if (!stats.ok) throw new Error(stats.because);
  const { heard, unheard } = matchTones(calls, { endMs: now(), unheardAfterMs: 2_500 });
  const took = heard.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const { received, lost } = stats.value;
  const audioMs = took[Math.floor(took.length / 2)] ?? Number.NaN;
  return { audioMs, heard: took.length, unheard: unheard.length, received, lost };
}

async function firstPicture(
  participants: Participants,
  who: string,
  enter: (who: string) => Promise<{ readonly startMs: number }>,
): Promise<number> {
  const { startMs } = await enter(who);
  const seen = await participants.await(
    (happening) => happening.who === who && happening.what === 'picture' && happening.ours,
    30_000,
  );
  await participants.leave(who);
  return seen === null ? Number.NaN : seen.atMs - startMs;
}

/** Its address for signalling. With a relay, people are told to send their media to the relay's. */
async function meetingServer(relay: readonly string[] | null): Promise<string> {
  const { signal = 0, media = 0 } = await freePorts(['signal', 'media']);
  const publicHost = relay === null ? '127.0.0.1' : '127.0.0.2';
  const rtc = { udp_port: media, tcp_port: 0, node_ip: publicHost, use_ice_lite: relay !== null };
  const file = join(directory, `${signal}.yaml`);
  const settings = {
    port: signal,
    bind_addresses: ['127.0.0.1'],
    rtc: { ...rtc, use_external_ip: false, enable_loopback_candidate: true, interfaces: { includes: ['lo'] } },
    keys: { [key]: secret },
    logging: { level: 'error' },
  };
  writeFileSync(file, stringify(settings));
  children.push(spawn(tools().livekitServer, ['--config', file], { stdio: 'ignore' }));
  if (relay !== null)
    children.push(spawn(nodeBinary(), [script, ...between(publicHost, media), ...relay], { stdio: 'ignore' }));
  await answers(`http://127.0.0.1:${signal}/`);
  return `ws://127.0.0.1:${signal}`;
}

const script = fileURLToPath(new URL('../../reference/media/relay.ts', import.meta.url));
const between = (host: string, port: number) => [`--listen=${host}:${port}`, `--target=127.0.0.1:${port}`];

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error(`${url} did not answer within 30 s`);
}

function tokenOf(identity: string): Promise<string> {
  const token = new AccessToken(key, secret, { identity, ttl: 600 });
  token.addGrant({ roomJoin: true, room: 'way' });
  return token.toJwt();
}
