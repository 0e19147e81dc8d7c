/**
 * Takes a deployment down when whoever booted it has ended without doing so, killed from outside for instance.
 *
 *   node reference/keeper.ts DIRECTORY PID STARTED-AT-TICKS
 *
 * Runs beside the deployment and carries its mark, so that `down` ends it too. PID and the moment it began, because an
 * id alone may be somebody else's by now.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { down } from './index.ts';
import { isAlive } from './parts/processes.ts';

const [directory, pid, startedAtTicks] = process.argv.slice(2);
if (!directory || !pid || !startedAtTicks) throw new Error('expected DIRECTORY PID STARTED-AT-TICKS');

const caller = { pid: Number(pid), startedAtTicks };
while (isAlive(caller)) await sleep(250);
await down(directory);
