import type { Http } from '../http.ts';
import type { Watcher } from './types.ts';

/** Whether the media server answers at all; what it uses stands in its metrics. */
export function livekitWatcher(url: string, http: Http): Watcher {
  const address = url.replace(/^ws/, 'http');
  return {
    name: 'livekit',
    everyMs: 60_000,
    async sample() {
      const answer = await http.ask(address);
      // What our own guard refused says nothing about the server.
      if (!answer.ok && answer.ours) throw new Error(`the media server was not asked: ${answer.because}`);
      const up = answer.ok && answer.status < 500 ? 1 : 0;
      return [{ series: 'livekit.up', unit: '1', labels: { service: 'livekit' }, value: up }];
    },
  };
}
