import { isRecord } from '../../platform/json.ts';

export interface Packets {
  readonly received: number;
  readonly lost: number;
}

/** Packets of all incoming streams since they began, from `getStats` in its JSON form, where 64-bit numbers are texts. */
export function packetsOf(stats: unknown): Packets {
  const inbound = entriesOf(stats, 'inboundRtp');
  const sum = (name: string) => inbound.reduce((total, entry) => total + numberIn(entry.received, name), 0);
  return { received: sum('packetsReceived'), lost: sum('packetsLost') };
}

/** `host`, `srflx`, `prflx` or `relay`: our end of the pair that media really takes; null while there is none. */
export function pathOf(stats: unknown): string | null {
  const [transport] = entriesOf(stats, 'transport');
  const chosen = isRecord(transport?.transport) ? transport.transport.selectedCandidatePairId : undefined;
  const pairs = entriesOf(stats, 'candidatePair');
  const pair =
    pairs.find((entry) => idOf(entry) === chosen) ??
    pairs.find(({ candidatePair }) => isRecord(candidatePair) && candidatePair.nominated === true);
  if (!isRecord(pair?.candidatePair)) return null;
  const { localCandidateId } = pair.candidatePair;
  const local = entriesOf(stats, 'localCandidate').find((entry) => idOf(entry) === localCandidateId);
  const type = isRecord(local?.candidate) ? local.candidate.candidateType : undefined;
  return typeof type === 'string' ? type.toLowerCase() : null;
}

type Entry = Readonly<Record<string, unknown>>;

/** With one peer connection for both ways everything stands under the publisher's. */
function entriesOf(stats: unknown, kind: string): Entry[] {
  if (!isRecord(stats)) return [];
  return [stats.publisherStats, stats.subscriberStats]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .flatMap((entry) => (isRecord(entry) && isRecord(entry[kind]) ? [entry[kind] as Entry] : []));
}

const idOf = (entry: Entry): unknown => (isRecord(entry.rtc) ? entry.rtc.id : undefined);

function numberIn(from: unknown, name: string): number {
  const value = isRecord(from) ? Number(from[name] ?? 0) : 0;
  return Number.isFinite(value) ? value : 0;
}
