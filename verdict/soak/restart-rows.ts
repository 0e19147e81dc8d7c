import { count } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import { row } from './event-rows.ts';
import type { SoakFold } from './fold.ts';
import { distinct, type Restart, type ServiceLives } from './lives.ts';
import { unseenShare } from './throughout.ts';
import { hourOf, span, spanOf } from './words.ts';

/** No copy of any service ended or was replaced. */
export function restartRows(fold: SoakFold): AssertionVerdict[] {
  return [...fold.lives.services()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, lives]) => livesRow(fold, service, lives));
}

/** A restart within this long of a deploy of the same service belongs to it. */
const deployMs = 10 * 60_000;

/** Whoever looks beneath a supervisor says so. */
const ofWorkers = 'worker ';

/** So many in a row, while there were always as many, are no scaling. */
const leastInTurn = 3;

function livesRow(fold: SoakFold, service: string, lives: ServiceLives): AssertionVerdict {
  const base = row(service, 'the same process throughout', lives.looks);
  const own = withCrashes(fold, service, lives);
  if (own.length > 0) {
    const who = own.every(isOfWorker) ? `a worker beneath ${service}` : service;
    const why = `${who} restarted ${count(own.length, 'time')}: at ${timesOf(own)}`;
    return { ...base, status: 'fail', observed: count(own.length, 'restart'), why };
  }
  const inTurn = replacedInTurn(fold, lives);
  if (inTurn.length > 0) {
    const times = count(inTurn.length, 'time');
    const why = `a process of ${service} ended and another began ${times}, and there were never more or fewer: at ${timesOf(inTurn)}`;
    return { ...base, status: 'fail', observed: `replaced ${times}`, why };
  }
  if (lives.goneMs !== null) {
    return {
      ...base,
      status: 'fail',
      observed: 'not running',
      why: `${service} ended at ${hourOf(lives.goneMs)} and has not come back`,
    };
  }
  return { ...base, ...standing(fold, service, lives) };
}

const isOfWorker = ({ instance }: Restart): boolean => instance.startsWith(ofWorkers);

/** Whoever watches the processes of a service one by one numbers or names them after it. */
const isPartOf = (service: string, whole: string): boolean => service === whole || service.startsWith(`${whole}-`);

/** What no deploy explains. */
function ownOf(fold: SoakFold, restarts: readonly Restart[]): readonly Restart[] {
  const isOfDeploy = ({ service, atMs }: Restart) =>
    fold.deploys.some((deploy) => isPartOf(service, deploy.service) && Math.abs(deploy.atMs - atMs) <= deployMs);
  return restarts.filter((restart) => !isOfDeploy(restart));
}

/** A line in a log this near to the end of a process is of that end. */
const besideMs = 5 * 60_000;

/** Replaced or scaled, nobody can tell by looking; where its log told of its end at that time, it is told. */
function withCrashes(fold: SoakFold, service: string, { restarts, found }: ServiceLives): readonly Restart[] {
  const crashes = fold.events.filter((event) => event.what === 'critical' && isOf(event.service, service));
  const isBeside = ({ atMs }: Restart) => crashes.some((crash) => Math.abs(crash.atMs - atMs) <= besideMs);
  const crashed = found.flatMap(({ replaced }) => replaced).filter(isBeside);
  return distinct(ownOf(fold, [...restarts, ...crashed]).toSorted((a, b) => a.atMs - b.atMs));
}

/** Its log, and the cloud, may call it by a longer name: `acme-api-staging`. */
const isOf = (longer: string, service: string): boolean => `-${longer}-`.includes(`-${service}-`);

function replacedInTurn(fold: SoakFold, { found }: ServiceLives): readonly Restart[] {
  const steady = found.filter(({ isScaled }) => !isScaled).map(({ replaced }) => distinct(ownOf(fold, replaced)));
  return steady.find(({ length }) => length >= leastInTurn) ?? [];
}

const timesOf = (restarts: readonly Restart[]): string => {
  const times = restarts.slice(0, 5).map(({ atMs }) => hourOf(atMs));
  return `${times.join(', ')}${restarts.length > 5 ? ', …' : ''}`;
};

function standing(fold: SoakFold, service: string, lives: ServiceLives) {
  const replaced = lives.found.flatMap((source) => source.replaced);
  const [unsettled] = ownOf(fold, replaced);
  const [deployed] = [...lives.restarts, ...replaced];
  if (deployed && !unsettled) {
    const why = `${service} was deployed at ${hourOf(deployed.atMs)}; a soak of one revision would decide`;
    return { status: 'undecided' as const, observed: 'deployed meanwhile', why };
  }
  if (unsettled && isOfWorker(unsettled)) {
    const why = `a worker beneath ${service} ended about ${hourOf(unsettled.atMs)} and another began, while others stayed: it crashed, or was renewed; its log would decide`;
    return { status: 'undecided' as const, observed: 'one ended, one began', why };
  }
  if (unsettled) {
    const why = `a process of ${service} began at ${hourOf(unsettled.atMs)}, soon after another was last met and while others stayed: replaced, or scaled; watch.processes of ${service} would decide`;
    return { status: 'undecided' as const, observed: 'one ended, one began', why };
  }
  const [fewer] = ownOf(fold, lives.found.flatMap(({ ended }) => ended).filter(isOfWorker));
  if (fewer) {
    const why = `a worker beneath ${service} ended about ${hourOf(fewer.atMs)} and none began in its place: it crashed, or fewer were needed; its log would decide`;
    return { status: 'undecided' as const, observed: 'one ended', why };
  }
  const unseenMs = fold.lastMs - lives.lastMs;
  if (lives.looks < 3 || unseenMs > unseenShare * fold.lastMs) {
    const why = `${service} was last seen at ${hourOf(lives.lastMs)}, ${spanOf(unseenMs)} before the end; seeing it again would decide`;
    return { status: 'undecided' as const, observed: `seen ${count(lives.looks, 'time')}`, why };
  }
  const met = Math.max(...lives.found.map((source) => source.lives));
  const who =
    met > 1
      ? `${count(met, 'process', 'processes')} of ${service} were met and none was replaced`
      : `${service} was the same process`;
  const why = `${who} in all of ${count(lives.looks, 'look')} over ${span(fold.lastMs / 3_600_000)}`;
  return { status: 'pass' as const, observed: 'no restart', why };
}
