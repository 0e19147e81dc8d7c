import type { IncomingMessage, ServerResponse } from 'node:http';

const mostBytes = 65_536;

export async function read(request: IncomingMessage): Promise<string> {
  let raw = '';
  for await (const chunk of request) {
    raw += chunk;
    if (raw.length > mostBytes) throw new Error(`more than ${mostBytes} characters`);
  }
  return raw;
}

export function answer(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(value));
}
