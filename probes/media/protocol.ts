import type { IceServer } from './ice.ts';

/**
 * What is said between us and the process that takes part in meetings. All times are milliseconds of `process.hrtime`, which
 * is one clock for every process of a machine: both ends of a call are measured on it.
 */
export type Order =
  | { readonly verb: 'join'; readonly who: string; readonly how: Joining }
  | { readonly verb: 'leave'; readonly who: string }
  /** Shows the known picture from now on. */
  | { readonly verb: 'show'; readonly who: string; readonly source: 'camera' | 'screen' }
  /** Opens the microphone and speaks coded tones, `count` of them, one every `everyMs`; 0 is silence. */
  | { readonly verb: 'speak'; readonly who: string; readonly everyMs: number; readonly count: number }
  | { readonly verb: 'mute'; readonly who: string; readonly muted: boolean }
  /** A data message to everybody in the room. */
  | { readonly verb: 'say'; readonly who: string; readonly topic: string; readonly text: string }
  /** A message of LiveKit's own chat, a text stream on the topic `lk.chat`. */
  | { readonly verb: 'chat'; readonly who: string; readonly text: string }
  | { readonly verb: 'stats'; readonly who: string }
  | { readonly verb: 'people'; readonly who: string };

export interface Joining {
  readonly url: string;
  readonly token: string;
  /** Never empty: an empty list would have the library ask those that the server names, whoever they are. */
  readonly iceServers: readonly IceServer[];
  readonly relayOnly: boolean;
  readonly timeoutMs: number;
  /** Listens to what the others say; who is in for a look at a picture saves the work. */
  readonly listens: boolean;
}

export interface Joined {
  readonly startMs: number;
  readonly tookMs: number;
  /** How long of that our own threads waited for a processor. */
  readonly oursMs: number;
}

export interface Person {
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  /** `standard`, `agent` or another word of the server's. */
  readonly kind: string;
  /** Has a track of sound in the meeting, muted or not, as of when it was told. */
  readonly hasVoice: boolean;
}

export interface Stats {
  readonly atMs: number;
  readonly received: number;
  readonly lost: number;
  /** `host`, `relay`, …: how our media really travels. */
  readonly path: string | null;
}

export type Happening = { readonly who: string; readonly atMs: number } & (
  | { readonly what: 'came' | 'left'; readonly person: Person }
  | { readonly what: 'published' | 'unpublished' | 'muted' | 'unmuted'; readonly from: string; readonly source: string }
  /** The first decoded picture of a track that is ours to know; `ours` false: a picture, but not the one that was shown. */
  | { readonly what: 'picture'; readonly from: string; readonly source: string; readonly ours: boolean }
  | { readonly what: 'spoke'; readonly code: number }
  | { readonly what: 'heard'; readonly from: string; readonly code: number; readonly waitedMs: number }
  /** Sound began after silence. */
  | { readonly what: 'sound'; readonly from: string }
  /** Silence after sound, told once it is longer than a pause in speech; of when the sound ended. */
  | { readonly what: 'quiet'; readonly from: string }
  | { readonly what: 'data'; readonly from: string; readonly topic: string; readonly text: string }
  | { readonly what: 'dropped'; readonly because: string }
);

export type Down = { readonly id: number; readonly order: Order };
export type Up =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly because: string }
  | { readonly type: 'happened'; readonly happening: Happening }
  /** Of the stretch that ended now, how much its slowest thread waited for a processor. */
  | { readonly type: 'waited'; readonly fromMs: number; readonly toMs: number; readonly waitedMs: number };
