import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { start } from '../common/config.ts';
import { control } from '../common/control.ts';
import { listenLocally } from '../common/listen.ts';
import { log, text } from '../common/log.ts';
import { stopOnSignal } from '../common/stop.ts';
import { Switches } from '../common/switches.ts';
import { Door } from './door.ts';
import { Rooms } from './rooms.ts';

/** The agent that joins meetings and answers, by text and by voice. What it says comes from the model stub. */
const { config, name } = start();
log('info', 'starting agent', { revision: config.revision });
const settings = join(config.directory, 'agent.env');
if (existsSync(settings)) process.loadEnvFile(settings);
for (const variable of ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'])
  if (!process.env[variable]) log('error', 'a required variable is not set', { variable });

const switches = new Switches('agent', config);
const rooms = new Rooms(config, switches);
for (const plugin of ['voice', 'vision']) if (loads(plugin)) log('info', 'plugin registered', { plugin });
switches.onChange((changed, value) => {
  const lines = typeof value === 'number' ? value : 0;
  for (let i = 1; i <= lines && changed === 'errors-logged'; i++)
    log('error', 'refused by the provider', { attempt: i });
  for (let i = 1; i <= lines && changed === 'lines-logged'; i++)
    log('info', 'waiting for meetings', { rooms: rooms.count });
});

const door = new Door(config, rooms);
const servers = await listenLocally(
  () => createServer((request, response) => void door.handle(request, response)),
  config.ports.agent,
);
await control(config, name, switches, () => servers.every((server) => server.listening));
stopOnSignal(() => rooms.leaveAll());
process.on('unhandledRejection', (error) => log('error', 'unhandled', { error: text(error) }));
log('info', 'agent ready', { port: config.ports.agent });

/** `--plugins=voice` starts it with fewer than it should have. */
function loads(plugin: string): boolean {
  const given = process.argv.find((argument) => argument.startsWith('--plugins='))?.slice('--plugins='.length);
  return given === undefined || given.split(',').includes(plugin);
}
