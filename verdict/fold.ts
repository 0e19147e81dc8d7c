import {
  type Entry,
  type ExcludedEntry,
  type FindingEntry,
  type NoteEntry,
  type OursEntry,
  type PlanEntry,
  type ResidueEntry,
  type RunEntry,
  type SkippedEntry,
  spoilsByItself,
  type UnmetEntry,
  type WaiverEntry,
} from '../record/entries.ts';
import { isProfile, type ProfileName, profileNames, targetFor, targets } from '../targets/index.ts';
import { RecordError } from './errors.ts';
import { Evidence } from './evidence.ts';
import { SoakFold } from './soak/fold.ts';

/** What one check has in the record. */
export interface CheckFacts {
  readonly id: string;
  claim: string;
  planned: boolean;
  readonly rows: Map<string, Evidence>;
  readonly unmet: UnmetEntry[];
  readonly waivers: WaiverEntry[];
  readonly findings: FindingEntry[];
  excluded: ExcludedEntry | null;
}

/** The whole record, folded once from its first line to its last. */
export class Facts {
  readonly run: RunEntry;
  readonly profile: ProfileName;
  readonly checks = new Map<string, CheckFacts>();
  readonly ours: OursEntry[] = [];
  readonly findings: FindingEntry[] = [];
  readonly residue: ResidueEntry[] = [];
  readonly skipped: SkippedEntry[] = [];
  readonly notes: NoteEntry[] = [];
  /** What a soak saw; checks named `soak.…` are judged from it. */
  readonly soak: SoakFold;
  ended = false;
  lastMs = 0;

  constructor(run: RunEntry, profile: string) {
    this.run = run;
    if (!isProfile(profile)) {
      throw new RecordError(`there is no profile ${profile}; the profiles are ${profileNames.join(', ')}`);
    }
    this.profile = profile;
    this.soak = new SoakFold(run, profile);
  }

  /** One part of a whole is partial, too. */
  get partial(): boolean {
    return this.run.partial || this.run.shard !== undefined;
  }

  add(entry: Entry): void {
    switch (entry.kind) {
      case 'plan':
        this.#plan(entry);
        return;
      case 'measurement':
        this.#until(entry.startMs + (entry.tookMs ?? 0));
        if (isOfSoak(entry.check)) this.#soak(entry.check).measurement(entry);
        else this.#row(entry.check, entry.assertion).addMeasurement(entry);
        return;
      case 'window':
        this.#until(entry.toMs);
        if (isOfSoak(entry.check)) this.#soak(entry.check).window(entry);
        else this.#row(entry.check, entry.assertion).addWindow(entry);
        return;
      case 'excluded':
        this.#check(entry.check).excluded = entry;
        return;
      case 'unmet':
        this.#check(entry.check).unmet.push(entry);
        return;
      case 'waiver':
        this.#check(entry.check).waivers.push(entry);
        return;
      case 'finding':
        this.findings.push(entry);
        this.#check(entry.check).findings.push(entry);
        return;
      case 'ours':
        this.#ours({ ...entry, spoils: entry.spoils ?? spoilsByItself(entry.what) });
        if (Number.isFinite(entry.toMs)) this.#until(entry.toMs);
        return;
      case 'residue':
        this.residue.push(entry);
        return;
      case 'skipped':
        this.skipped.push(entry);
        return;
      case 'note':
        this.notes.push(entry);
        this.soak.note(entry);
        return;
      case 'sample':
        this.#until(entry.atMs);
        this.soak.sample(entry);
        return;
      case 'limit':
        this.soak.limit(entry);
        return;
      case 'event':
        this.#until(entry.atMs);
        this.soak.event(entry);
        return;
      case 'end':
        this.ended = true;
        this.#until(entry.atMs ?? 0);
        return;
      default:
        // A second run line comes of a merge; a kind we do not know, of a newer minor schema.
        return;
    }
  }

  #ours(entry: OursEntry): void {
    if (entry.what === 'resumed') this.#goesOn();
    this.ours.push(entry);
    this.soak.ours(entry);
  }

  /** A disk that was full and was made free again left a gap, which has an entry of its own. */
  #goesOn(): void {
    for (const [i, one] of this.ours.entries()) if (one.what === 'disk-full') this.ours[i] = { ...one, spoils: false };
  }

  /** What nobody planned is judged all the same, so its check must be there. */
  #soak(check: string): SoakFold {
    this.#check(check);
    return this.soak;
  }

  #until(ms: number): void {
    this.lastMs = Math.max(this.lastMs, ms);
  }

  #plan(entry: PlanEntry): void {
    const check = this.#check(entry.check);
    check.planned = true;
    check.claim = entry.claim ?? check.claim;
    for (const name of entry.assertions) {
      const row = this.#row(entry.check, name);
      row.planned = true;
      row.cells = [...new Set([...row.cells, ...(entry.cells?.[name] ?? [])])];
      row.atLeast = Math.max(row.atLeast, entry.atLeast?.[name] ?? 1);
      row.source = entry.sources?.[name] ?? row.source;
      this.#aim(row, entry.targets?.[name]);
    }
  }

  #check(id: string): CheckFacts {
    const known = this.checks.get(id);
    if (known) return known;
    const check: CheckFacts = {
      id,
      claim: '',
      planned: false,
      rows: new Map(),
      unmet: [],
      waivers: [],
      findings: [],
      excluded: null,
    };
    this.checks.set(id, check);
    return check;
  }

  #row(id: string, name: string): Evidence {
    const { rows } = this.#check(id);
    const known = rows.get(name);
    if (known) return known;
    const row = new Evidence(id, name);
    rows.set(name, row);
    // An assertion that is named like a target is held against it, planned or not.
    this.#aim(row, Object.hasOwn(targets, name) ? name : undefined);
    return row;
  }

  #aim(row: Evidence, id: string | undefined): void {
    if (id === undefined || row.targetId === id) return;
    // Late ones are counted while reading, so a target that changes after its evidence came cannot be applied.
    if (row.n > 0) throw new RecordError(`the plan of ${row.check} comes after what was measured for ${row.name}`);
    row.targetId = id;
    row.target = targetFor(this.profile, id);
  }
}

export const isOfSoak = (check: string): boolean => check.startsWith('soak.');
