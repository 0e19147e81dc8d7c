import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { start } from '../common/config.ts';
import { control } from '../common/control.ts';
import { listenLocally } from '../common/listen.ts';
import { log, text } from '../common/log.ts';
import { stopOnSignal } from '../common/stop.ts';
import { Switches } from '../common/switches.ts';
import { reply } from './reply.ts';

/** Stands in for the model providers: answers from what it is given, after the latency its tier has by configuration. */
const { config, name } = start();
const switches = new Switches('models', config);
const latency: Readonly<Record<string, number>> = {
  'gemini-1.5-flash': config.models.latencyMs.fast,
  'gpt-4o-mini': config.models.latencyMs.balanced,
  'claude-3-5-sonnet-20241022': config.models.latencyMs.powerful,
};
const question = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
});

const servers = await listenLocally(
  () => createServer((request, response) => void handle(request, response)),
  config.ports.models,
);
await control(config, name, switches, () => true);
stopOnSignal(async () => {
  for (const server of servers) server.closeAllConnections();
});
log('info', 'models ready', { port: config.ports.models });

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (switches.on('down')) return void request.socket.destroy();
  try {
    if (request.method === 'GET' && request.url === '/health') return answer(response, 200, { status: 'ok' });
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
      return answer(response, 404, { error: 'not found' });
    const parsed = question.safeParse(await body(request));
    if (!parsed.success) return answer(response, 400, { error: z.prettifyError(parsed.error) });
    await complete(parsed.data, response);
  } catch (error) {
    answer(response, 400, { error: text(error) });
  }
}

async function complete({ model, messages }: z.infer<typeof question>, response: ServerResponse): Promise<void> {
  const ms = switches.number('latency-ms') ?? latency[model];
  if (ms === undefined) return answer(response, 404, { error: `no model is named ${model}` });
  await new Promise((resolve) => setTimeout(resolve, ms));
  if (switches.hit('fail-share')) return answer(response, 500, { error: 'the provider failed' });
  answer(response, 200, reply(model, messages));
}

async function body(request: IncomingMessage): Promise<unknown> {
  let raw = '';
  for await (const chunk of request) {
    raw += chunk;
    if (raw.length > 1_048_576) throw new Error('more than 1 MiB');
  }
  return JSON.parse(raw);
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
