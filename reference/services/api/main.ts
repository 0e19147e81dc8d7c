import { Clock } from '../common/clock.ts';
import { start } from '../common/config.ts';
import { control } from '../common/control.ts';
import { Database } from '../common/database.ts';
import { log } from '../common/log.ts';
import { connected, redisClient } from '../common/redis.ts';
import { Sessions } from '../common/sessions.ts';
import { stopOnSignal } from '../common/stop.ts';
import { Switches } from '../common/switches.ts';
import { everywhere } from './clocks.ts';
import { Events } from './events.ts';
import { plantFreeze } from './faults.ts';
import { Dependencies } from './health.ts';
import { plantLeaks } from './leaks.ts';
import { Limits } from './limits.ts';
import { buildServer } from './server.ts';
import { runSurveys } from './survey-scheduler.ts';

const { config, name } = start();
const switches = new Switches('api', config);
const clock = new Clock();
const redis = await connected(redisClient(config.redis.url, name, { commandTimeout: 1000 }));
const database = new Database(config.postgres, 20, name, {
  forConnection: () => switches.on('tenant-for-connection'),
  once: () => switches.on('tenant-set-once'),
  asService: () => switches.on('tenant-as-service'),
  keptBy: () => switches.value('tenant-kept-by') as string | undefined,
  leftByCancelled: () => switches.on('tenant-left-by-cancelled'),
  rowsLeft: () => switches.on('rows-left-on-connection'),
});
const sessions = new Sessions(database, redis, {
  now: (email) => clock.now(email),
  stored: () => !switches.on('session-store-off'),
  idleEnds: () => !switches.on('idle-off'),
  faster: () => switches.faster,
});
const limits = new Limits(config.limits, redis, database, switches);
const subscriber = await connected(redisClient(config.redis.url, `${name}-events`));
const events = new Events(redis);
await events.listen(subscriber);
const dependencies = new Dependencies(database, redis);
await dependencies.watch();
plantFreeze(switches);
plantLeaks(switches, config);

const deployment = { config, name, switches, database, redis, sessions, limits, clock, events };
const app = await buildServer(deployment, dependencies);
runSurveys(deployment);
// Fastify listens on every address that `localhost` means.
await app.listen({ port: config.ports.api, host: 'localhost' });
await control(config, name, switches, () => app.server.listening, everywhere(config, clock));
stopOnSignal(async () => {
  await app.close();
  await database.close();
  for (const connection of [redis, subscriber]) connection.disconnect();
});
log('info', 'api ready', { port: config.ports.api });
