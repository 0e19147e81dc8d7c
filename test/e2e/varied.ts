import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Environment } from '../../environment/types.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { Body } from '../../runners/body.ts';
import { runBody } from '../../runners/context.ts';
import { checks } from '../../suites/e2e/checks.ts';
import { listen, type TestServer } from '../servers/listen.ts';

/** What a body said: assertion → `ok`, `needs …` or why not, each once. */
export type Said = Readonly<Record<string, readonly string[]>>;

/** Runs one body that opens no browser, as the runner does. */
export async function said(name: string, environment: Environment): Promise<Said> {
  const row = checks[name]!;
  const { default: body } = (await import(`../../suites/e2e/${name}.ts`)) as { default: Body };
  const entries: Entry[] = [];
  await runBody(body, {
    check: { id: row.id, suite: 'e2e', assertions: Object.keys(row.assertions), timeoutMs: row.timeoutMs ?? 60_000 },
    environment,
    clock: runClock(),
    scope: `sd-${crypto.randomUUID().slice(0, 6)}`,
    stop: new AbortController().signal,
    emit: (entry) => entries.push(entry),
  });
  return inWords(entries);
}

function inWords(entries: readonly Entry[]): Said {
  const words: Record<string, string[]> = {};
  const add = (key: string, word: string) => {
    words[key] = [...new Set([...(words[key] ?? []), word])];
  };
  for (const entry of entries) {
    if (entry.kind === 'unmet') add(entry.assertion ?? '*', `needs ${entry.needs}`);
    if (entry.kind === 'ours') add('ours', entry.detail);
    if (entry.kind === 'residue') add('residue', `${entry.what}: ${entry.why}`);
    if (entry.kind === 'measurement') add(entry.assertion, entry.ok ? 'ok' : entry.because);
  }
  return words;
}

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

export interface Given {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a deployment of another make does: answers by itself (`instead`), or changes what was answered. */
export interface Variation {
  instead?(asked: Asked): Given | null;
  answered?(asked: Asked, given: Given): Given;
}

/** Stands before an API and makes of it one of another make. */
export async function before(api: string, variation: Variation): Promise<TestServer> {
  const server = createServer((request, response) => {
    pass(api, variation, request, response).catch(() => response.destroy());
  });
  const { port, ...rest } = await listen(server, 'http');
  return { ...rest, port, url: `http://localhost:${port}` };
}

async function pass(api: string, variation: Variation, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const asked = { method: request.method ?? 'GET', path: request.url ?? '/', body: body.toString('utf8') };
  const own = variation.instead?.(asked);
  if (own) return void response.writeHead(own.status, own.headers).end(own.body);
  const answer = await fetch(new URL(asked.path, api), {
    method: asked.method,
    headers: headersOf(request),
    redirect: 'manual',
    ...(body.length > 0 ? { body } : {}),
  });
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => !hopByHop.test(name)));
  const cookies = answer.headers.getSetCookie();
  const given = { status: answer.status, body: await answer.text(), headers };
  const changed = variation.answered?.(asked, given) ?? given;
  for (const cookie of cookies) response.appendHeader('set-cookie', cookie);
  response.writeHead(changed.status, changed.headers).end(changed.body);
}

const hopByHop = /^(connection|keep-alive|transfer-encoding|content-length|content-encoding|host|set-cookie|expect)$/;

const headersOf = (request: IncomingMessage): [string, string][] =>
  Object.entries(request.headers).flatMap(([name, value]) =>
    hopByHop.test(name) || value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
