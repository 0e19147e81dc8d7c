import { runClock } from '../../record/clock.ts';
import { constantLoad } from '../../suites/load/constant.ts';

/** Started by a test and killed by it, to see whether k6 outlives it. */
const [k6Path, url] = process.argv.slice(2);
let told = false;
await constantLoad({
  url: url!,
  k6Path: k6Path!,
  perSecond: 20,
  seconds: 60,
  users: 20,
  clock: runClock(),
  emit: () => {
    if (!told) process.stdout.write('sending\n');
    told = true;
  },
});
