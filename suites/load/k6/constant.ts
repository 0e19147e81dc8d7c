import http from 'k6/http';
import { begin, finished, good, lost, now, settings, spend } from 'k6/x/shakedown';
import { unexpected } from './answer.ts';

/** One address, an even rate, a cap on how many may wait at once. */
interface Settings {
  readonly options: Record<string, unknown>;
  readonly stream: string;
  readonly url: string;
  readonly timeoutMs: number;
  readonly status: number;
  readonly contains: string;
}

const given = JSON.parse(settings()) as Settings;

export const options = given.options;

export default function constant(): void {
  if (!spend('requests', 1)) return;
  const operation = begin(given.stream, -1, true);
  const response = http.get(given.url, { timeout: given.timeoutMs, redirects: 0, responseType: 'text' });
  const answeredAt = now();
  const cause = unexpected(response, given.status, given.contains);
  if (cause === '') good(operation, answeredAt);
  else lost(operation, cause);
  finished();
}
