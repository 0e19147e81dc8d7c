import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
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
const firstPieceAt = 0.4;
const mostPieces = 40;
const question = z.object({
  model: z.string(),
  stream: z.boolean().default(false),
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

async function complete(
  { model, messages, stream }: z.infer<typeof question>,
  response: ServerResponse,
): Promise<void> {
  const ms = switches.number('latency-ms') ?? latency[model];
  if (ms === undefined) return answer(response, 404, { error: `no model is named ${model}` });
  // A streamed answer begins earlier, as it does with real models.
  await sleep(stream ? ms * firstPieceAt : ms);
  const asked = messages.at(-1)?.content ?? '';
  if (switches.hit('fail-share') || asked.includes(config.models.failingPrompt))
    return answer(response, 500, { error: 'the provider failed' });
  const made = reply(model, messages);
  if (stream) await sendPieces(made, ms * (1 - firstPieceAt), response);
  else answer(response, 200, made);
}

/** Word by word over the time that is left, as server-sent events; what was used comes last. */
async function sendPieces({ choices, usage }: ReturnType<typeof reply>, ms: number, response: ServerResponse) {
  const words = choices[0]!.message.content.match(/\S+\s*/g) ?? [];
  const size = Math.max(1, Math.ceil(words.length / mostPieces));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  for (let at = 0; at < words.length && !response.destroyed; at += size) {
    tell({ choices: [{ delta: { content: words.slice(at, at + size).join('') } }] });
    await sleep((ms * size) / words.length);
  }
  tell({ choices: [], usage });
  response.end('data: [DONE]\n\n');
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
