import type { Copy, Life, Restart } from './lives.ts';

/** What became of the processes that one source tells of. */
export interface Replacements {
  /** One ended and began again, beyond doubt. */
  readonly restarts: readonly Restart[];
  /** One began soon after another had ended, while others stayed: it was replaced, or one was taken away and one added. */
  readonly replaced: readonly Restart[];
  /** One ended and none began in its place: it was taken away, or nobody noticed. */
  readonly ended: readonly Restart[];
  /** How many there are at a time has changed otherwise: what was replaced may have been scaled. */
  readonly isScaled: boolean;
  /** How many processes were met. */
  readonly lives: number;
}

/** A process that others stand beside: a copy that names itself, or one of several that share a name. */
interface Member extends Pick<Copy, 'service' | 'instance' | 'firstMs' | 'lastMs'> {
  /** When it began, at the latest; what had begun before anybody looked is not counted as begun. */
  readonly beganMs: number;
  readonly isBegun: boolean;
  /** It names no time and was met early: it may have been there before. */
  readonly mayBeOlder: boolean;
  readonly firstLook: number;
  readonly lastLook: number;
}

/** Whole seconds of an uptime may make a start a little too early. */
const roundedMs = 1_000;
/** Of several behind one address, one that was not met in so many looks has ended. */
const goneLooks = 10;
/** Each of these entries of the environment file is of one process, which nobody scales. */
const ofOneProcess: ReadonlySet<string> = new Set(['process', 'container']);
/** Which servers are told of depends on where our own sockets are, and all of these change at once. */
const ofOurSockets = 'socket';

/** One rule for all copies that one source tells of, whether they name themselves or not. */
export function replacementsIn(copies: readonly Copy[], scale: number): Replacements {
  const again = copies.filter(({ isShared }) => !isShared).flatMap((copy) => begunAgain(copy, scale));
  const members = membersOf(copies, scale);
  const { from } = copies[0]!;
  const beside = members.length > 1 ? besideOthers(members, copies[0]!.source.looks, from) : nothing;
  const lives = copies.reduce((sum, copy) => sum + copy.lives.length, 0);
  return { ...beside, restarts: [...again, ...beside.restarts], lives };
}

const nothing = { restarts: [], replaced: [], ended: [], isScaled: false };

/** The lives of one copy, one after the other. One that began before anybody looked is no restart. */
function begunAgain(copy: Copy, scale: number): Restart[] {
  const later = copy.lives.slice(1).filter((life) => isBegun(life, copy.firstMs, scale));
  return later.map(({ firstMs }) => ({ service: copy.service, instance: copy.instance, atMs: firstMs }));
}

const isBegun = ({ startMs }: Life, sinceMs: number, scale: number): boolean =>
  startMs === null || startMs >= sinceMs - roundedMs * scale;

function membersOf(copies: readonly Copy[], scale: number): readonly Member[] {
  const all = copies.flatMap((copy) =>
    copy.isShared
      ? copy.lives.map((life) => memberOf(copy, life, life, scale))
      : copy.lives.slice(0, 1).map((life) => memberOf(copy, life, copy.lives.at(-1)!, scale)),
  );
  return all.sort((a, b) => a.firstLook - b.firstLook || a.firstMs - b.firstMs);
}

function memberOf({ service, instance, source }: Copy, first: Life, last: Life, scale: number): Member {
  return {
    service,
    instance,
    firstMs: first.firstMs,
    lastMs: last.lastMs,
    beganMs: Math.min(first.firstMs, (first.startMs ?? first.firstMs) + roundedMs * scale),
    isBegun: first.firstLook > 1 && isBegun(first, source.firstMs, scale),
    mayBeOlder: first.startMs === null && first.firstLook <= goneLooks,
    firstLook: first.firstLook,
    lastLook: last.lastLook,
  };
}

/** Each that began: in the place of all that were there, of one beside which others stayed, or of none. */
function besideOthers(members: readonly Member[], looks: number, from: string): Omit<Replacements, 'lives'> {
  const succeeded = new Set<Member>();
  const [restarts, replaced]: [Restart[], Restart[]] = [[], []];
  let isScaled = false;
  for (const one of members.filter((member) => member.isBegun)) {
    const before = predecessor(members, one, succeeded);
    if (before === undefined) {
      isScaled ||= !one.mayBeOlder;
      continue;
    }
    succeeded.add(before);
    const restart = { service: one.service, instance: one.instance, atMs: one.firstMs };
    const isOneByOne = one.instance !== before.instance && members.indexOf(one) === succeeded.size;
    const hasEnded = hasGone(before, looks) || isOneByOne;
    (hasEnded && isCertain(members, one, from) ? restarts : replaced).push(restart);
  }
  const away = members.filter((member) => hasGone(member, looks) && !succeeded.has(member));
  const ended = away.map(({ service, instance, lastMs }) => ({ service, instance, atMs: lastMs }));
  return { restarts, replaced, ended, isScaled: isScaled || away.length > 0 };
}

const hasGone = ({ lastLook }: Member, looks: number): boolean => looks - lastLook >= goneLooks;

/** Nobody scales it, or it came when none was there any more. */
function isCertain(members: readonly Member[], one: Member, from: string): boolean {
  if (ofOneProcess.has(from)) return true;
  const earlier = members.filter((other) => other.firstLook < one.firstLook);
  if (earlier.some((other) => other.lastMs >= one.beganMs)) return false;
  const lastLook = Math.max(...earlier.map((other) => other.lastLook));
  return from !== ofOurSockets || earlier.filter((other) => other.lastLook === lastLook).length === 1;
}

/**
 * The one that was met last before this one began, and not since. One that had long been away was not replaced by it,
 * unless there was none in between.
 */
function predecessor(members: readonly Member[], one: Member, succeeded: ReadonlySet<Member>): Member | undefined {
  const earlier = members.filter((other) => other.firstLook < one.firstLook && other.lastMs < one.beganMs);
  const lastLook = Math.max(
    ...members.filter((other) => other.firstLook < one.firstLook).map((other) => other.lastLook),
  );
  const isNear = (other: Member) => one.firstLook - other.lastLook <= goneLooks || other.lastLook === lastLook;
  const before = earlier.filter((other) => isNear(other) && !succeeded.has(other));
  return before.sort((a, b) => a.lastLook - b.lastLook)[0];
}
