import { describe, expect, test } from 'vitest';
import type { Environment } from '../../environment/types.ts';
import { isError, pluginLine, sinceStart, variablesSet } from '../../probes/agent-log.ts';
import { hostOf, iceServersIn } from '../../probes/media/ice.ts';
import { byOrigin, matchTones, type ToneCall } from '../../probes/media/match.ts';
import { usableServers } from '../../probes/media/participants.ts';
import { height, isOurs, picture, width } from '../../probes/media/picture.ts';
import { packetsOf, pathOf } from '../../probes/media/stats.ts';
import { codeOf, codes, frameMs, frameSamples, ToneListener, tone } from '../../probes/media/tone.ts';
import { longestWaitMs, starvedShare } from '../../probes/waiting.ts';

/** Frames of 10 ms as they would arrive, one every 10 ms. */
function heardIn(sound: Int16Array) {
  const listener = new ToneListener();
  const heard = [];
  for (let at = 0; at + frameSamples <= sound.length; at += frameSamples) {
    const found = listener.hear(sound.subarray(at, at + frameSamples), (at / frameSamples + 1) * frameMs);
    if (found) heard.push(found);
  }
  return heard;
}

function placed(...pieces: readonly [atMs: number, sound: Int16Array][]): Int16Array {
  const all = new Int16Array(48 * Math.max(...pieces.map(([atMs, sound]) => atMs + sound.length / 48 + 100)));
  for (const [atMs, sound] of pieces) all.set(sound, atMs * 48);
  return all;
}

/** Noise that is the same each time: a linear congruential generator. */
function noise(length: number, amplitude: number): Int16Array {
  let state = 12_345;
  return Int16Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.round((state / 2_147_483_648 - 0.5) * 2 * amplitude);
  });
}

const plus = (a: Int16Array, b: Int16Array) => a.map((sample, i) => sample + (b[i] ?? 0));

describe('a coded tone', () => {
  test('each of the 64 codes is heard as itself', () => {
    const heard = Array.from({ length: codes }, (_, code) => codeOf(tone(code).subarray(480, 2_400)));
    expect(heard).toEqual(Array.from({ length: codes }, (_, code) => code));
  });

  test('is heard from the frame on in which it begins', () => {
    expect(heardIn(placed([100, tone(7)]))).toEqual([{ code: 7, atMs: 110 }]);
    expect(heardIn(placed([105, tone(7)]))[0]).toMatchObject({ code: 7, atMs: 110 });
  });

  test('one after the other, each once', () => {
    const spoken = [3, 4, 60, 3].map((code, i): [number, Int16Array] => [100 + 200 * i, tone(code)]);
    expect(heardIn(placed(...spoken)).map(({ code }) => code)).toEqual([3, 4, 60, 3]);
  });

  test('is known at a tenth of its loudness, and under noise', () => {
    const soft = tone(21).map((sample) => sample / 8);
    expect(heardIn(placed([50, soft])).map(({ code }) => code)).toEqual([21]);
    const noisy = plus(placed([50, tone(21)]), noise(20_000, 400));
    expect(heardIn(noisy).map(({ code }) => code)).toEqual([21]);
  });

  const holed = (fromMs: number, toMs: number) =>
    tone(9).map((sample, i) => (i >= 48 * fromMs && i < 48 * toMs ? 0 : sample));
  test.each([
    { name: 'its first packet', sound: holed(0, 20), atMs: 130 },
    { name: 'its second packet', sound: holed(20, 40), atMs: 150 },
    { name: 'its last two packets', sound: holed(60, 100), atMs: 110 },
  ])('is heard without $name, and never called quicker than it was', ({ sound, atMs }) => {
    expect(heardIn(placed([100, sound]))).toEqual([{ code: 9, atMs }]);
  });

  test('is not heard when three of its five packets are lost', () => {
    expect(heardIn(placed([100, holed(0, 60).subarray(0, 48 * 90)]))).toEqual([]);
    expect(heardIn(placed([100, holed(20, 80)]))).toEqual([]);
  });

  test.each([
    { name: 'silence', sound: new Int16Array(48_000) },
    { name: 'loud noise', sound: noise(48_000, 12_000) },
    { name: 'a click', sound: placed([50, new Int16Array(20).fill(30_000)]) },
    {
      name: 'one pitch without the other',
      sound: Int16Array.from({ length: 9_600 }, (_, i) => 9_000 * Math.sin(i / 20)),
    },
    { name: 'a tone cut off after 30 ms', sound: placed([50, tone(9).subarray(0, 48 * 30)]) },
  ])('$name is no tone', ({ sound }) => {
    expect(heardIn(sound)).toEqual([]);
  });
});

describe('the picture', () => {
  const luma = (data: Uint8Array) => data.subarray(0, width * height);

  test('is known again, also in another size, darker, and while the line moves', () => {
    expect([0, 100, 179].map((number) => isOurs(luma(picture(number)), width, height))).toEqual([true, true, true]);
    const whole = picture(5);
    const half = Uint8Array.from({ length: (width * height) / 4 }, (_, i) => {
      const [x, y] = [i % (width / 2), Math.floor(i / (width / 2))];
      return whole[2 * y * width + 2 * x]! / 2 + 30;
    });
    expect(isOurs(half, width / 2, height / 2)).toBe(true);
  });

  test.each([
    { name: 'a black one', data: new Uint8Array(width * height) },
    { name: 'a white one', data: new Uint8Array(width * height).fill(255) },
    { name: 'one of noise', data: Uint8Array.from({ length: width * height }, (_, i) => (i * 7_919) % 256) },
    { name: 'its negative', data: luma(picture(0)).map((value) => 255 - value) },
  ])('$name is not it', ({ data }) => {
    expect(isOurs(data, width, height)).toBe(false);
  });
});

describe('statistics', () => {
  const inbound = (packetsReceived: string, packetsLost: string) => ({
    inboundRtp: { received: { packetsReceived, packetsLost } },
  });

  test('packets of all incoming streams are added up, whichever connection they came by', () => {
    const stats = { publisherStats: [inbound('100', '1'), { codec: {} }], subscriberStats: [inbound('50', '2')] };
    expect(packetsOf(stats)).toEqual({ received: 150, lost: 3 });
  });

  test.each([null, 'text', {}, { publisherStats: [null, 3, { inboundRtp: {} }] }])('%j has none', (stats) => {
    expect(packetsOf(stats)).toEqual({ received: 0, lost: 0 });
    expect(pathOf(stats)).toBeNull();
  });

  test('the path is our end of the pair that was chosen', () => {
    const pair = (id: string, localCandidateId: string) => ({
      candidatePair: { rtc: { id }, candidatePair: { localCandidateId, nominated: false } },
    });
    const local = (id: string, candidateType: string) => ({
      localCandidate: { rtc: { id }, candidate: { candidateType } },
    });
    const stats = {
      publisherStats: [
        pair('p1', 'a'),
        pair('p2', 'b'),
        local('a', 'HOST'),
        local('b', 'RELAY'),
        { transport: { transport: { selectedCandidatePairId: 'p2' } } },
      ],
    };
    expect(pathOf(stats)).toBe('relay');
  });
});

describe('ICE servers of a join answer', () => {
  const field = (number: number, bytes: Uint8Array | string) => {
    const data = Buffer.from(bytes);
    return Buffer.concat([Buffer.from([number * 8 + 2, ...length(data.length)]), data]);
  };
  const length = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...length(value >>> 7)]);
  const server = (...parts: Buffer[]) => field(5, Buffer.concat(parts));

  test('are read from among the other fields', () => {
    const turn = server(field(1, 'turn:127.0.0.1:3478?transport=udp'), field(2, 'user'), field(3, 'x'.repeat(200)));
    const stun = server(field(1, 'stun:stun.example:19302'), field(1, 'stun:stun2.example:19302'));
    const join = Buffer.concat([field(1, 'a room'), Buffer.from([0x30, 1]), turn, stun, field(4, '1.13.5')]);
    expect(iceServersIn(field(1, join))).toEqual([
      { urls: ['turn:127.0.0.1:3478?transport=udp'], username: 'user', credential: 'x'.repeat(200) },
      { urls: ['stun:stun.example:19302', 'stun:stun2.example:19302'], username: '', credential: '' },
    ]);
  });

  test.each(['', 'hello', '\x0a\xff\xff\xff\xff\x0f', '\x0a', '\xff'.repeat(40)])('%j names none', (text) => {
    expect(iceServersIn(Buffer.from(text, 'latin1'))).toEqual([]);
  });

  test.each([
    ['turn:127.0.0.1:3478?transport=udp', { host: '127.0.0.1', port: 3478, relay: true }],
    ['turns:turn.example:443?transport=tcp', { host: 'turn.example', port: 443, relay: true }],
    ['turns:turn.example', { host: 'turn.example', port: 5349, relay: true }],
    ['stun:stun.example', { host: 'stun.example', port: 3478, relay: false }],
    ['turn:[::1]:3478', { host: '::1', port: 3478, relay: true }],
    ['http://turn.example', null],
    ['turn:', null],
  ])('%s', (url, expected) => {
    expect(hostOf(url)).toEqual(expected);
  });
});

test('the longest wait is that of one thread, new threads included', () => {
  const before = new Map([
    ['1', 5e6],
    ['2', 1e6],
  ]);
  const after = new Map([
    ['1', 9e6],
    ['2', 2e6],
    ['3', 3e6],
  ]);
  expect(longestWaitMs(before, after)).toBe(4);
});

describe('what a meeting server names to ask for a path', () => {
  const environment = {
    addresses: ['turn.example:3478'],
    meetings: { url: 'ws://127.0.0.1:7880', urls: [], tokens: null, redis: null },
    realtime: null,
    web: { plain: [] },
    database: {},
    watch: { metrics: [] },
  } as unknown as Environment;
  const server = (...urls: string[]) => ({ urls, username: '', credential: '' });

  test('is asked on its own host and where the environment file says so, and nowhere else', () => {
    const named = [
      server('turn:127.0.0.1:3478?transport=udp', 'stun:stun.l.google.com:19302'),
      server('stun:stun1.example:3478'),
      server('turn:turn.example:3478', 'turn:turn.example:3479', 'nonsense'),
    ];
    expect(usableServers(environment, named)).toEqual([
      server('turn:127.0.0.1:3478?transport=udp'),
      server('turn:turn.example:3478'),
    ]);
  });
});

describe('which tone that was heard is which that was spoken', () => {
  const spoke = (atMs: number, code: number) => ({ kind: 'spoke' as const, code, atMs, waitedMs: 0 });
  const heard = (atMs: number, code: number) => ({ kind: 'heard' as const, code, atMs, waitedMs: 1 });
  const match = (...calls: ToneCall[]) => matchTones(calls, { endMs: 20_000, unheardAfterMs: 3_000 });

  test('the last of its code before it, also where they cross', () => {
    const { heard: found, unheard } = match(spoke(0, 1), spoke(200, 2), heard(260, 1), heard(300, 2));
    expect(found.map(({ spokenMs, tookMs }) => [spokenMs, tookMs])).toEqual([
      [0, 260],
      [200, 100],
    ]);
    expect(unheard).toEqual([]);
  });

  test.each([
    { name: 'never heard', calls: [spoke(0, 1)], lost: [0] },
    { name: 'heard too late', calls: [spoke(0, 1), heard(3_001, 1)], lost: [0] },
    { name: 'not heard before its code came again', calls: [spoke(0, 1), spoke(9_000, 1), heard(9_050, 1)], lost: [0] },
    { name: 'spoken just before the end', calls: [spoke(18_000, 1)], lost: [] },
    { name: 'heard and never spoken', calls: [heard(10, 5)], lost: [] },
    { name: 'heard twice', calls: [spoke(0, 1), heard(50, 1), heard(90, 1)], lost: [] },
  ])('$name', ({ calls, lost }) => {
    expect(match(...calls).unheard).toEqual(lost);
  });
});

test('what was not heard while our threads had no processor is set apart, and nothing else', () => {
  const starved = (fromMs: number) => (fromMs < 1_000 ? 0.21 : 0.2);
  expect(byOrigin([500, 1_500, 900], starved)).toEqual({ theirs: [1_500], ours: [500, 900] });
});

test('the share of a stretch without a processor is that of the seconds it touches', () => {
  const stretches = [
    { fromMs: 0, toMs: 1_000, waitedMs: 0 },
    { fromMs: 1_000, toMs: 2_000, waitedMs: 500 },
    { fromMs: 2_000, toMs: 3_000, waitedMs: 1_000 },
  ];
  expect(starvedShare(stretches, 1_200, 2_500)).toBe(0.75);
  expect(starvedShare(stretches, 100, 900)).toBe(0);
  expect(starvedShare([], 0, 1_000)).toBe(0);
});

describe("the agent's log", () => {
  test.each([
    ['{"level":"error","message":"x"}', true],
    ['{"severity":"CRITICAL","message":"x"}', true],
    ['{"level":"info","message":"no error at all"}', false],
    ['2026-01-01 00:00:00 ERROR livekit.agents - worker failed', true],
    ['Traceback (most recent call last):', true],
    ['INFO 0 errors so far', false],
    ['{"log":"2026-01-01 ERROR livekit.agents job crashed\\n","stream":"stderr","time":"x"}', true],
    ['{"log":"{\\"level\\":\\"ERROR\\",\\"message\\":\\"x\\"}\\n","stream":"stderr"}', true],
    ['{"log":"{\\"level\\":\\"INFO\\",\\"message\\":\\"ERROR, said a user\\"}\\n","stream":"stderr"}', false],
    ['2026-01-02T03:04:05.678Z stderr F {"level":"error","msg":"behind a prefix"}', true],
    ['time=x level=error msg="job crashed"', true],
    ['time=x level=info msg="0 errors"', false],
    ['2026/01/02 03:04:05 [error] job crashed', true],
    ['{"log.level":"error"}', true],
    ['{"log":{"level":"error"}}', true],
    ['{"lvl":"error"}', true],
    ['{"level_name":"ERROR"}', true],
    ['{"severityText":"ERROR"}', true],
    ['{"PRIORITY":"3","MESSAGE":"journald"}', true],
    ['{"PRIORITY":"6","MESSAGE":"journald"}', false],
    ['{"levelno":40,"msg":"x"}', true],
    ['{"levelno":30,"msg":"x"}', false],
    ['{"level":40,"msg":"a warning of pino"}', false],
    ['{"text":"x","record":{"level":{"name":"ERROR","no":40}}}', true],
    ['{"text":"ERROR, said a user","record":{"level":{"name":"INFO","no":20}}}', false],
    ['{"message":"ERROR livekit.agents - no level but this"}', true],
    ['2026-01-01 ERROR livekit.agents - job crashed {"level": 1}', true],
    ['E0102 03:04:05.678901 12 worker.py:10] job crashed', true],
    ['I0102 03:04:05.678901 12 worker.py:10] ERROR, said a user', false],
  ])('%s', (line, error) => {
    expect(isError(line)).toBe(error);
  });

  test('a plugin counts when it was loaded since the last start', () => {
    const start = '{"message":"starting worker"}';
    const vision = '{"message":"plugin registered","plugin":"livekit.plugins.google"}';
    const voice = 'INFO livekit.agents - plugin registered {"plugin": "livekit.plugins.silero"}';
    expect(pluginLine(sinceStart([start, vision, voice]).lines, 'vision')).toBe(vision);
    expect(pluginLine(sinceStart([start, vision, voice, start, voice]).lines, 'vision')).toBeNull();
    expect(pluginLine(sinceStart([start, vision, voice, start, voice]).lines, 'voice')).toBe(voice);
    expect(pluginLine(['WARNING plugin vision could not be loaded'], 'vision')).toBeNull();
  });

  test('a variable is set when it has a value', () => {
    const lines = ['A=1', 'export B="two"', 'C=', "D=''", '# E=5', 'F = six', 'G=# nothing', 'not a line'];
    expect([...variablesSet(lines)]).toEqual(['A', 'B', 'F']);
  });
});
