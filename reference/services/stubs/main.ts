import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { start } from '../common/config.ts';
import { control } from '../common/control.ts';
import { Database } from '../common/database.ts';
import { listenLocally } from '../common/listen.ts';
import { log, text } from '../common/log.ts';
import { redisClient } from '../common/redis.ts';
import { stopOnSignal } from '../common/stop.ts';
import { Switches } from '../common/switches.ts';
import { Alerting } from './alerting.ts';
import { answer } from './http.ts';
import { Identity } from './identity.ts';
import { Outbox } from './outbox.ts';

/** Stands in for what lies outside the platform and is no model: mail, text messages, calls, identity providers, and the cloud's alerting. */
const { config, name } = start();
const switches = new Switches('stubs', config);
const outbox = new Outbox(config.outbox.token, switches);
const identity = new Identity(config);
const redis = redisClient(config.redis.url, 'alerting');
// A part that is not there yet, or never will be, is looked for again by the client itself.
redis.connect().catch(() => undefined);
const database = new Database(config.postgres, 1, 'alerting');
new Alerting(config, redis, database, switches).watch();

const servers = [
  ...(await listenLocally(() => createServer(answering((...both) => outbox.handle(...both))), config.ports.outbox)),
  ...(await listenLocally(() => createServer(answering((...both) => identity.handle(...both))), config.ports.identity)),
];
await control(config, name, switches, () => servers.every((server) => server.listening));
stopOnSignal(async () => {
  for (const server of servers) server.closeAllConnections();
  redis.disconnect();
  await database.close();
});
log('info', 'stubs ready', { ports: [config.ports.outbox, config.ports.identity] });

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function answering(handle: Handle): RequestListener {
  return (request, response) => {
    handle(request, response).catch((error) => {
      if (!response.headersSent) answer(response, 400, { error: text(error) });
    });
  };
}
