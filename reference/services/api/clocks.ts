import type { Clock } from '../common/clock.ts';
import type { Config } from '../common/config.ts';
import type { Movable } from '../common/control.ts';
import { log, text } from '../common/log.ts';

/** Whoever moves the clock moves that of every process that knows about time; the API passes it on. */
export function everywhere({ ports, clockToken }: Config, clock: Clock): Movable {
  const others = Object.keys(ports.realtime).map((name) => `http://127.0.0.1:${ports.control[name]}/clock`);
  const tell = (url: string, value: unknown) =>
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${clockToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(value),
      signal: AbortSignal.timeout(2000),
    }).catch((error) => log('warn', 'clock not moved', { url, error: text(error) }));
  return {
    async move(value) {
      clock.move(value);
      await Promise.all(others.map((url) => tell(url, value)));
    },
  };
}
