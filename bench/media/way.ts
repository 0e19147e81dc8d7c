import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closeMeetings, look, type Seen } from '../../test/media/way.ts';

/** What a relay between people and the meeting server makes of our media numbers: `node bench/media/way.ts`, four minutes. */
const ways = [
  { name: 'no relay', relay: null },
  { name: 'relay that does nothing', relay: [] },
  { name: '100 ms: 50 ms each way', relay: ['--delay-ms=50'] },
  { name: '2 % lost on the way down', relay: ['--loss=0.02', '--way=down'] },
  { name: '100 ms and 2 % down', relay: ['--delay-ms=50', '--loss=0.02', '--way=down'] },
  { name: '2 % lost on each way', relay: ['--loss=0.02'] },
] as const;

const rows: Record<string, unknown>[] = [];
for (const { name, relay } of ways) {
  const row = { way: name, ...figures(await look(relay, 150)) };
  rows.push(row);
  console.log(JSON.stringify(row));
}
await closeMeetings();
writeFileSync(join(import.meta.dirname, 'results', 'way.json'), `${JSON.stringify(rows, null, 2)}\n`);

function figures({ audioMs, heard, unheard, pictureMs, received, lost }: Seen) {
  const percent = (share: number): number => Math.round(share * 10_000) / 100;
  const [low, high] = wilson(lost, received + lost);
  return {
    audioMedianMs: Math.round(audioMs),
    tones: { heard, unheard },
    firstPictureMs: Math.round(pictureMs),
    packets: { received, lost },
    lossPercent: percent(lost / (received + lost)),
    lossInterval95: [percent(low), percent(high)],
  };
}

/** Wilson's score interval (J. Am. Stat. Assoc. 22, 1927), 95 %. */
function wilson(bad: number, of: number): readonly [number, number] {
  const z = 1.96;
  const share = bad / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return [middle - half, middle + half];
}
