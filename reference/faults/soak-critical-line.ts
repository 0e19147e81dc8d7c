import { appendFile } from 'node:fs/promises';
import { ongoingFault } from './ongoing.ts';

export default ongoingFault({
  name: 'soak-critical-line',
  plants: 'The API writes now and then that it cannot go on.',
  catches: ['soak.critical'],
  mayAlso: [],
  everyMs: 2_000,
  again: ({ logs }) => {
    const line = { time: new Date().toISOString(), level: 'fatal', message: 'the queue of answers cannot be drained' };
    return appendFile(logs.api!, `${JSON.stringify(line)}\n`);
  },
});
