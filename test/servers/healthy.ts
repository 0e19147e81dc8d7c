import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** The few answers of the platform's contract that a probe of health and of the public query asks for. */
export const healthyAnswers: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/health') return json(response, 200, health());
  if (pathname.startsWith('/trpc/')) return trpc(request, response, pathname.slice('/trpc/'.length), searchParams);
  json(response, 404, {
    message: `Route ${request.method}:${pathname} not found`,
    error: 'Not Found',
    statusCode: 404,
  });
};

function health() {
  const services = { api: 'running', websocket: 'running' };
  return {
    status: 'ok',
    timestamp: new Date().toISOString(),
    version: '1.0.0',
    revision: 'test',
    uptime: process.uptime(),
    services,
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function trpc(request: IncomingMessage, response: ServerResponse, names: string, query: URLSearchParams): void {
  const answers = names.split(',').map((name) => procedure(name, request.method ?? 'GET'));
  if (query.get('batch') !== '1') {
    json(response, answers[0]!.status, answers[0]!.body);
    return;
  }
  const statuses = new Set(answers.map(({ status }) => status));
  json(
    response,
    statuses.size === 1 ? answers[0]!.status : 207,
    answers.map(({ body }) => body),
  );
}

function procedure(name: string, method: string): Answer {
  if (name !== 'assetClasses.list')
    return refusal(404, -32004, 'NOT_FOUND', `No procedure found on path "${name}"`, name);
  if (method !== 'GET') return refusal(405, -32005, 'METHOD_NOT_SUPPORTED', `Unsupported ${method}-request`, name);
  return {
    status: 200,
    body: { result: { data: [{ id: 'd5a1a7e2-5b0f-4a39-8a53-3b8d4f3a6c10', name: 'Property' }] } },
  };
}

function refusal(httpStatus: number, code: number, word: string, message: string, path: string): Answer {
  return { status: httpStatus, body: { error: { message, code, data: { code: word, httpStatus, path } } } };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
