import type { Http } from '../http.ts';
import { ownTrouble } from '../own-network.ts';
import type { Sample, Watcher } from './types.ts';

/**
 * Whether each media server answers; what it uses stands in its metrics. `GET /` of livekit-server is 200 and nothing else:
 * any other answer is of somebody before it, a proxy whose server is gone.
 */
export function livekitWatcher(urls: readonly string[], http: Http): Watcher {
  return {
    name: 'livekit',
    everyMs: 60_000,
    sample: () => Promise.all(urls.map((url, index) => isUp(url, http, urls.length > 1 ? String(index + 1) : null))),
  };
}

async function isUp(url: string, http: Http, instance: string | null): Promise<Sample> {
  const answer = await http.ask(url.replace(/^ws/, 'http'));
  // What our own guard refused, or our own network lost, says nothing about the server.
  if (!answer.ok && (answer.ours || ownTrouble(answer.because) !== null))
    throw new Error(`the media server was not asked: ${answer.because}`);
  const labels = { service: 'livekit', ...(instance === null ? {} : { instance }) };
  return { series: 'livekit.up', unit: '1', labels, value: answer.ok && answer.status === 200 ? 1 : 0 };
}
