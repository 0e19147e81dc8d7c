import { setTimeout as sleep } from 'node:timers/promises';
import { byOrigin, matchTones, type ToneCall } from '../../probes/media/match.ts';
import type { Stats } from '../../probes/media/protocol.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Hall, inMeeting, neverCame, often, tookWith, wasDone } from '../meetings.ts';

const body: Body = (context) =>
  inMeeting(context, 'seen', async (hall) => {
    const host = await hall.enter('host', 0);
    if (!wasDone(context, 'seen', 'the first person does not get in', host)) return;
    const shown = await hall.participants.show('host', 'camera');
    if (!wasDone(context, 'seen', 'the camera cannot be shown', shown)) return;
    // One after the other: people of ours who come and go on the same machine make the sound arrive unevenly.
    await converse(context, hall);
    await look(context, hall);
  });
export default body;

/** A share of lost packets says nothing before a minute has been looked at. */
const toneEveryMs = 200;
const tones = 310;
const unheardAfterMs = 3_000;
/** From a tone's first sample to the end of what a listener's buffer may hold back of it. */
const underWayMs = 600;
const lengthMs = 1_000 + tones * toneEveryMs + unheardAfterMs;

/** One speaks coded tones for a minute, the other listens; packets are counted meanwhile. */
async function converse(context: BodyContext, { enter, participants }: Hall): Promise<void> {
  const listener = await enter('listener', 1);
  if (!wasDone(context, 'heard', 'the second person does not get in', listener)) return;
  const calls: ToneCall[] = [];
  const stop = participants.listen((happening) => {
    if (happening.what === 'spoke' && happening.who === 'host')
      calls.push({ ...happening, kind: 'spoke', waitedMs: 0 });
    if (happening.what === 'heard' && happening.who === 'listener') calls.push({ ...happening, kind: 'heard' });
  });
  const spoken = await participants.speak('host', { everyMs: toneEveryMs, count: tones });
  if (wasDone(context, 'heard', 'the microphone cannot be opened', spoken)) {
    await countPackets(context, participants, context.now() + lengthMs);
    recordTones(context, participants, calls);
  }
  stop();
  await participants.leave('listener');
}

function recordTones(context: BodyContext, participants: Hall['participants'], calls: readonly ToneCall[]): void {
  const { heard, unheard } = matchTones(calls, { endMs: context.now(), unheardAfterMs });
  const expected = 'coded tones, heard by the other as they were spoken';
  if (heard.length > 0) context.holds('heard', { expected, observed: `${heard.length} tones` });
  else context.breaks('heard', 'not one tone that was spoken was heard by the other', { expected });
  for (const { spokenMs, tookMs, waitedMs } of heard) tookWith(context, 'audio', spokenMs, tookMs, waitedMs);
  const { theirs, ours } = byOrigin(unheard, (fromMs) => participants.starvedShare(fromMs, fromMs + underWayMs));
  const because = `a tone was not heard within ${unheardAfterMs / 1000} s`;
  for (const startMs of theirs) context.breaks('audio', because, { startMs });
  tellUnmeasured(context, ours.length, heard.length + unheard.length);
}

/**
 * With so few left out of account no deployment can pass that would not have passed with all of them against it: a pass takes
 * at most one tone in sixty unheard, and three in sixty may be.
 */
const mostUnmeasured = 1 / 50;

function tellUnmeasured(context: BodyContext, count: number, of: number): void {
  if (count === 0) return;
  const detail = `${count} of ${of} tones were not heard while a thread of ours waited for a processor`;
  if (count > mostUnmeasured * of) context.ours('generator-starved', detail);
  else context.note('not measured', detail);
}

/** `getStats` once a second; what came and what is missing since the last look. */
async function countPackets(context: BodyContext, participants: Hall['participants'], untilMs: number): Promise<void> {
  let before: Stats | null = null;
  while (context.now() < untilMs && !context.signal.aborted) {
    const done = await participants.stats('listener');
    if (!done.ok) return context.breaks('loss', done.because);
    if (before) countBetween(context, before, done.value);
    before = done.value;
    await sleep(1_000, undefined, { signal: context.signal }).catch(() => undefined);
  }
}

function countBetween(context: BodyContext, before: Stats, after: Stats): void {
  // A packet that was missing and comes late is taken off the count again; a window never holds fewer than none.
  const good = Math.max(0, after.received - before.received);
  const missing = Math.max(0, after.lost - before.lost);
  if (good + missing === 0) return;
  const lost: Record<string, number> = missing > 0 ? { 'packet lost': missing } : {};
  context.counted('loss', { fromMs: before.atMs, toMs: after.atMs, good, lost });
}

/** Again and again somebody comes in and waits for the first picture of the one who is there. */
async function look(context: BodyContext, hall: Hall): Promise<void> {
  const lanes = Math.min(2, hall.meeting.places - 1);
  // A process of their own and a steady pace: the joins must hold up neither the one who shows the picture nor one another.
  const apart = hall.apart();
  const everyMs = Math.floor((lanes * looksTakeMs) / looks);
  await often(context, { lanes, count: looks, enough: looksAlike, withinMs: looksWithinMs, everyMs }, (number, lane) =>
    lookOnce(context, apart, `guest-${number}`, 1 + lane),
  );
}

const looks = 260;
/** 158 decide where none is late; some more, because neighbours may be alike. */
const looksAlike = 190;
const looksTakeMs = 42_000;
/** Where joining is slow there are fewer looks; 158 good ones decide. */
const looksWithinMs = 170_000;
const picturesWithinMs = 10_000;

async function lookOnce(context: BodyContext, { enter, participants }: Hall, who: string, person: number) {
  const joined = await enter(who, person, { listens: false });
  if (!wasDone(context, 'video', 'joining', joined)) return null;
  const { startMs, oursMs } = joined.value;
  const seen = await participants.await(
    (happening) => happening.who === who && happening.what === 'picture' && happening.ours,
    picturesWithinMs,
  );
  await participants.leave(who);
  if (seen === null) {
    const because = `no picture of the other came within ${picturesWithinMs / 1000} s`;
    neverCame(context, participants, ['video', 'seen'], because, { fromMs: startMs, toMs: context.now() });
    return null;
  }
  const tookMs = seen.atMs - startMs;
  tookWith(context, 'video', startMs, tookMs, oursMs);
  context.holds('seen', { startMs, expected: 'the picture that was shown', observed: 'the picture that was shown' });
  return tookMs;
}
