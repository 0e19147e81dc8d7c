import type {
  EventEntry,
  LimitEntry,
  MeasurementEntry,
  NoteEntry,
  OursEntry,
  RunEntry,
  SampleEntry,
  WindowEntry,
} from '../../record/entries.ts';
import { lengthMs, outside } from '../../record/stretches.ts';
import { type ProfileName, targetFor } from '../../targets/index.ts';
import { AlertFold } from './alerts.ts';
import { Expiry } from './expiry.ts';
import { LatencyFold } from './latency.ts';
import { Lives } from './lives.ts';
import { Load } from './load.ts';
import { Looks } from './looks.ts';
import { Losses } from './losses.ts';
import { AvailabilityFold } from './outage.ts';
import { Presence, usersSeries } from './presence.ts';
import { alertsSeries, loadSeries, logBytesSeries, logSeries, lostSeries, upSeries } from './roles.ts';
import { isTrendJudged, seriesKey, Watched } from './watched.ts';

/** Of one kind of trouble in one service: how often, when first, and the first in words. */
export interface Trouble {
  count: number;
  readonly firstMs: number;
  readonly firstDetail: string;
}

/** Between looks closer together than this nothing is missing, whatever is usual; windows of answers may be sparse. */
const lookMs = 150_000;
const windowMs = 600_000;
/** In scaled time a busy machine's second is minutes long. */
const ownMs = 5_000;

/** Processes behind one address that have a series of their own; further ones share one. */
const mostProcesses = 20;

/** More events than this are counted and no longer drawn. */
const mostEvents = 400;

/**
 * What a soak saw, folded as it comes: memory depends on how many series there are and how many hours, not on how often
 * they were sampled. All times inside are those of the soak: the run's, times its scale.
 */
export class SoakFold {
  readonly scale: number;
  readonly run: RunEntry;
  readonly series = new Map<string, Watched>();
  readonly streams = new Map<string, LatencyFold>();
  readonly slots = new AvailabilityFold();
  readonly lives: Lives;
  readonly alerts: AlertFold;
  readonly expiry = new Expiry();
  readonly presence: Presence;
  /** `critical logs api` → what was found. */
  readonly troubles = new Map<string, Trouble>();
  readonly logLines = new Map<string, { readonly lines: number; readonly looks: Looks }>();
  /** Of how many stretches nothing could be read. */
  readonly lostLogs = new Map<string, number>();
  /** Which source could not be looked at, and why, last. */
  readonly unseen = new Map<string, string>();
  readonly emptyLogs = new Set<string>();
  readonly deploys: { readonly service: string; readonly atMs: number; readonly detail: string }[] = [];
  readonly events: {
    readonly what: string;
    readonly service: string;
    readonly atMs: number;
    readonly detail: string;
  }[] = [];
  /** No two of them overlap. */
  readonly gaps: { readonly fromMs: number; readonly toMs: number; readonly detail: string }[] = [];
  answers = 0;
  readonly answerLooks: Looks;
  /** What went over sockets. */
  messages = 0;
  readonly messageLooks: Looks;
  readonly losses = { answers: new Losses(), messages: new Losses() };
  lastMs = 0;
  spoiltMs = 0;
  readonly #load = new Load();
  readonly #looks = new Map<string, Looks>();
  readonly #byLabels = new WeakMap<object, Watched>();
  readonly #profile: ProfileName;

  constructor(run: RunEntry, profile: ProfileName) {
    this.run = run;
    this.scale = run.soak?.timeScale ?? 1;
    this.lives = new Lives(this.scale);
    this.alerts = new AlertFold();
    this.presence = new Presence(Math.max(lookMs, ownMs * this.scale));
    this.answerLooks = this.#newLooks(windowMs);
    this.messageLooks = this.#newLooks(windowMs);
    this.#profile = profile;
  }

  sample(entry: SampleEntry): void {
    const atMs = this.#at(entry.atMs);
    const { series, labels, value } = entry;
    let watched = this.#watched(entry);
    const { service } = watched;
    if (series === loadSeries) this.#load.is(value);
    if (series === usersSeries) this.presence.sample(labels?.of, atMs, value);
    if (series === logSeries) this.logLines.set(service, { lines: value, looks: watched.looks });
    if (series === logBytesSeries && value === 0) this.emptyLogs.add(service);
    else if (series === logBytesSeries) this.emptyLogs.delete(service);
    if (series === lostSeries) this.lostLogs.set(service, value);
    if (series === alertsSeries) this.#readsAlerts(watched);
    let life = '';
    if (series === upSeries && value === 0) this.lives.gone(watched, atMs);
    else if (labels?.life !== undefined) {
      life = this.#sees(watched, labels.life, atMs);
      watched = this.#ofProcess(watched, life, entry);
    }
    if (service === 'redis') {
      this.expiry.sample(watched, atMs, value, this.scale);
      watched.settlesMs = this.expiry.settlesMs(watched);
    }
    watched.add(atMs, value, this.#load.perSecond, life);
    this.alerts.sample(watched, atMs, value);
  }

  limit(entry: LimitEntry): void {
    const key = seriesKey(entry.series, entry.labels);
    const known = this.series.get(key);
    if (known) known.bound(entry);
    else {
      const watched = this.#newWatched({ ...entry, kind: 'sample', unit: '1' });
      watched.bound(entry);
      this.series.set(key, watched);
    }
  }

  event(entry: EventEntry): void {
    const atMs = this.#at(entry.atMs);
    const { what, service, detail } = entry;
    if (this.events.length < mostEvents) this.events.push({ what, service, atMs, detail });
    if (what === 'deploy') this.deploys.push({ service, atMs, detail });
    if (what === 'notified') this.alerts.notified(entry.rule ?? detail, atMs, entry.lasts);
    if (what === 'resolved') this.alerts.resolved(entry.rule ?? detail, atMs);
    if (what === 'critical') this.#trouble(`logs ${service}`, atMs, detail, entry.count ?? 1);
    if (what === 'disconnect') this.#trouble('sockets', atMs, `${service}: ${detail}`, entry.count ?? 1);
  }

  measurement(entry: MeasurementEntry): void {
    const dueMs = this.#at(entry.dueMs ?? entry.startMs);
    this.#at(entry.startMs + (entry.tookMs ?? 0));
    if (entry.check === 'soak.uptime') {
      this.slots.add({ dueMs, ok: entry.ok, ...(entry.ok ? {} : { because: entry.because }) });
      return;
    }
    if (!entry.ok) this.#trouble(entry.assertion, dueMs, entry.because, 1);
  }

  window(entry: WindowEntry): void {
    const fromMs = entry.fromMs * this.scale;
    const toMs = this.#at(entry.toMs);
    if (entry.check === 'soak.latency') this.#stream(entry.assertion).add(entry, fromMs, toMs, this.#load.perSecond);
    else if (entry.check === 'soak.critical') this.#answers(entry, fromMs, toMs);
    this.#load.window(entry);
  }

  ours(entry: OursEntry): void {
    const fromMs = entry.fromMs * this.scale;
    const toMs = Number.isFinite(entry.toMs) ? entry.toMs * this.scale : fromMs;
    if (entry.what === 'resumed') this.lives.resumed();
    if (entry.what === 'gap') {
      const { detail } = entry;
      this.gaps.push(...outside({ fromMs, toMs }, this.gaps).map((part) => ({ ...part, detail })));
    }
    if (entry.spoils && entry.check === undefined) {
      this.spoiltMs += toMs - fromMs;
      for (const stream of this.streams.values()) stream.spoil(fromMs, toMs);
    }
    if (Number.isFinite(entry.toMs)) this.lastMs = Math.max(this.lastMs, toMs);
  }

  note({ unseen, detail }: NoteEntry): void {
    if (unseen !== undefined) this.unseen.set(unseen, detail);
  }

  /** Length that counts: the whole without its gaps. */
  get coveredMs(): number {
    return this.lastMs - lengthMs(this.gaps);
  }

  /** Series that are judged by their trend: each can be called wrongly. */
  get judgedSeries(): number {
    let count = 0;
    for (const { role } of this.series.values()) if (isTrendJudged(role)) count += 1;
    return count;
  }

  #readsAlerts({ looks, labels }: Watched): void {
    this.alerts.read = looks;
    this.alerts.named(labels.named);
  }

  /** The life as it is known, whatever the process of ours that saw it now calls it. */
  #sees(watched: Watched, label: string, atMs: number): string {
    if (watched.copy) return this.lives.seeAgain(watched.copy, label, atMs);
    watched.copy = this.lives.see(watched, label, atMs);
    return watched.copy.life!.name;
  }

  /** Several that take turns behind one address have a series each: a leak of one is no rise of what they tell together. */
  #ofProcess(watched: Watched, life: string, entry: SampleEntry): Watched {
    const { copy, role } = watched;
    if (!copy?.isShared || !isTrendJudged(role)) return watched;
    const nth = copy.lives.findIndex(({ name }) => name === life);
    if (nth < 1 || nth > mostProcesses) return watched;
    const own = this.#watched({ ...entry, labels: { ...watched.labels, process: `process ${nth + 1}` } });
    // What is told of one process at a time is missing only where nothing is told of any.
    if (own.isUnseen && watched.limit !== null) own.bound({ value: watched.limit, from: watched.limitFrom ?? '' });
    return own;
  }

  #watched(entry: SampleEntry): Watched {
    const { labels, series } = entry;
    // A reader that lets the samples of a series share their labels has frozen them, and spares us making its key again.
    const shared = labels !== undefined && Object.isFrozen(labels);
    const last = shared ? this.#byLabels.get(labels) : undefined;
    if (last?.series === series) return last;
    const watched = this.#byKey(entry);
    if (shared) this.#byLabels.set(labels, watched);
    return watched;
  }

  #byKey(entry: SampleEntry): Watched {
    const key = seriesKey(entry.series, entry.labels);
    const known = this.series.get(key);
    if (known) {
      // A limit may be told before its series, and says no unit.
      if (known.isUnseen) known.unit = entry.unit;
      return known;
    }
    const watched = this.#newWatched(entry);
    this.series.set(key, watched);
    return watched;
  }

  /** Copies come and go; whoever tells of one of them is looking. */
  #newWatched(entry: SampleEntry): Watched {
    const { service = '', from = '' } = entry.labels ?? {};
    const key = `${entry.series}\u0000${service}\u0000${from}`;
    const looks = this.#looks.get(key) ?? this.#newLooks(lookMs);
    this.#looks.set(key, looks);
    return new Watched(entry, looks);
  }

  readonly #newLooks = (leastMs: number): Looks => new Looks(Math.max(leastMs, ownMs * this.scale));

  #stream(name: string): LatencyFold {
    const known = this.streams.get(name);
    if (known) return known;
    const stream = new LatencyFold(targetFor(this.#profile, name), this.#newLooks(windowMs));
    this.streams.set(name, stream);
    return stream;
  }

  /** What the platform answered badly to anybody; a refusal or a time-out is an outage and told there. */
  #answers(entry: WindowEntry, fromMs: number, toMs: number): void {
    const isOfSockets = entry.assertion === 'messages';
    if ((entry.good ?? 0) > 0 || entry.lost) (isOfSockets ? this.messageLooks : this.answerLooks).add(toMs);
    this.losses[isOfSockets ? 'messages' : 'answers'].add(entry, fromMs, toMs);
    if (isOfSockets) this.messages += entry.good ?? 0;
    this.answers += entry.good ?? 0;
    for (const [cause, count] of Object.entries(entry.lost ?? {})) {
      this.answers += count;
      if (count > 0 && isCritical(cause)) this.#trouble('answers', fromMs, cause, count);
    }
    // What went over sockets says nothing about the API.
    if (!isOfSockets) this.alerts.answers(entry, fromMs, toMs);
  }

  #trouble(key: string, atMs: number, detail: string, count: number): void {
    const known = this.troubles.get(key);
    if (known) known.count += count;
    else this.troubles.set(key, { count, firstMs: atMs, firstDetail: detail });
  }

  #at(ms: number): number {
    const at = ms * this.scale;
    if (at > this.lastMs) this.lastMs = at;
    return at;
  }
}

/** The server itself said that it failed, or said something wrong. */
const isCritical = (cause: string): boolean =>
  /(^|\D)5\d\d(\D|$)/.test(cause) || /wrong|malformed|not-trpc-2|not-a-message|internal_server_error/i.test(cause);
