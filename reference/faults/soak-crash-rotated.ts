import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import type { ReferenceHandle } from '../handle.ts';
import { ongoingFault } from './ongoing.ts';

/** The file the API goes on writing to, and the last of those that were renamed since. */
const own = ({ logs }: ReferenceHandle) => `${logs.api!}.own`;
const renamed = ({ logs }: ReferenceHandle) => `${logs.api!}.renamed`;

export default ongoingFault({
  name: 'soak-crash-rotated',
  plants: 'The log of the API is renamed and begun anew right after it says that it cannot go on.',
  catches: ['soak.critical'],
  mayAlso: [],
  everyMs: 3_000,
  again: async (deployment, turn) => {
    const log = deployment.logs.api!;
    const line = { time: new Date().toISOString(), level: 'fatal', message: 'nothing answers any more' };
    await appendFile(log, `${JSON.stringify(line)}\n`);
    await rename(log, turn === 0 ? own(deployment) : renamed(deployment));
    await writeFile(log, '', { mode: 0o600 });
  },
  end: async (deployment) => {
    await rename(own(deployment), deployment.logs.api!);
    await rm(renamed(deployment), { force: true });
  },
});
