import type { Sample, Watcher } from '../../probes/watch/types.ts';
import type { Entry } from '../../record/entries.ts';
import type { SoakContext } from './types.ts';

/** A look that takes longer than this is given up: the series has a gap there. */
const lookAtMostMs = 20_000;

/** Looks again and again as long as the soak lasts; what cannot be looked at is said once, and again when it changes. */
export function startWatching(soak: SoakContext, watcher: Watcher): void {
  let trouble = '';
  let looking = false;
  soak.cleanup(async () => watcher.close?.());
  soak.every(`watch ${watcher.name}`, watcher.everyMs, async () => {
    if (looking) return;
    looking = true;
    try {
      const samples = await watcher.sample(AbortSignal.any([soak.signal, AbortSignal.timeout(lookAtMostMs)]));
      for (const sample of samples) soak.emit(entryOf(sample, soak.now()));
      if (trouble !== '') tell(soak, watcher, 'answers again');
      trouble = '';
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (soak.signal.aborted || said === trouble) return;
      trouble = said;
      tell(soak, watcher, `could not be looked at: ${said}`, { unseen: watcher.name });
    } finally {
      looking = false;
    }
  });
}

const tell = (soak: SoakContext, watcher: Watcher, detail: string, more: { readonly unseen?: string } = {}): void =>
  soak.emit({
    kind: 'note',
    what: `watching ${watcher.name}`,
    detail: `at ${Math.round(soak.now() / 1000)} s: ${detail}`,
    ...more,
  });

function entryOf({ series, unit, labels, value, atMs }: Sample, nowMs: number): Entry {
  return { kind: 'sample', series, unit, ...(labels ? { labels } : {}), atMs: Math.round(atMs ?? nowMs), value };
}
