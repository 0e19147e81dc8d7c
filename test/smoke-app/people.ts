import http from 'node:http';
import { onTestFinished } from 'vitest';
import { listen } from '../servers/listen.ts';

/** An API that registers everybody and signs everybody in. */
export async function apiForEverybody(): Promise<string> {
  let made = 0;
  const data = (): unknown => {
    const id = `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
    return { id, user: { id }, tenant: { id } };
  };
  const server = http.createServer(async (request, response) => {
    await request.toArray();
    if (request.url?.endsWith('/callback/credentials'))
      response.setHeader('set-cookie', `authjs.session-token=s${++made}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.endsWith('/csrf') ? { csrfToken: 'c' } : { result: { data: data() } }));
  });
  const { url, close } = await listen(server, 'http');
  onTestFinished(() => close());
  return url;
}
