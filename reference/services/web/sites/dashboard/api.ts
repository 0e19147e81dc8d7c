/** Calls go to the page's own origin, which hands them on to the API. */

/** A call that did not succeed; `message` is for people, `code` for us. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const longestMs = 60_000;
const unreachable = 'The server cannot be reached. Check your connection and try again.';
const ownFault = 'Something went wrong on our side. Please try again.';

export async function query<Answer>(name: string, input?: unknown): Promise<Answer> {
  return unwrap(await send(`/trpc/${name}${searchOf(input)}`));
}

export async function mutate<Answer>(name: string, input?: unknown): Promise<Answer> {
  const first = await post(name, input);
  // The token belongs to the session; somebody may have signed in again in another window.
  const again = first.status === 403 && (await first.clone().text()).toLowerCase().includes('csrf');
  if (again) csrf = undefined;
  return unwrap(again ? await post(name, input) : first);
}

async function post(name: string, input: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': await csrfToken() };
  return send(`/trpc/${name}`, { method: 'POST', headers, body: JSON.stringify(input ?? {}) });
}

/** Posts a form to one of the Auth.js endpoints and gives the address it leads to, which names the error where there is one. */
export async function authForm(path: string, fields: Readonly<Record<string, string>>): Promise<URL> {
  const body = new URLSearchParams({ ...fields, csrfToken: await csrfToken() });
  const answer = await send(path, { method: 'POST', headers: { 'x-auth-return-redirect': '1' }, body });
  // Signing in or out changes the session and with it the token.
  csrf = undefined;
  const said = await bodyOf<{ url?: string; message?: string }>(answer);
  if (!answer.ok || !said?.url) throw refusalOf(answer.status, undefined, said?.message);
  return new URL(said.url, location.origin);
}

export const searchOf = (input: unknown): string =>
  input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;

export async function send(url: string, options: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(longestMs), ...options });
  } catch (error) {
    if (options.signal?.aborted) throw new Refusal('ABORTED', 'Stopped.');
    const late = (error as Error).name === 'TimeoutError';
    throw new Refusal('UNREACHABLE', late ? 'The server took too long to answer. Please try again.' : unreachable);
  }
}

let csrf: Promise<string> | undefined;

async function csrfToken(): Promise<string> {
  csrf ??= query_('/api/auth/csrf');
  return csrf.catch((error) => {
    csrf = undefined;
    throw error;
  });
}

async function query_(path: string): Promise<string> {
  const answer = await send(path);
  const said = await bodyOf<{ csrfToken?: string }>(answer);
  if (!said?.csrfToken) throw refusalOf(answer.status);
  return said.csrfToken;
}

interface Wrapped {
  readonly result?: { readonly data?: unknown };
  readonly error?: { readonly message?: string; readonly data?: { readonly code?: string } } | string;
  readonly message?: string;
}

async function unwrap<Answer>(answer: Response): Promise<Answer> {
  const said = await bodyOf<Wrapped>(answer);
  const error = typeof said?.error === 'object' ? said.error : undefined;
  if (!answer.ok || error || !said?.result)
    throw refusalOf(answer.status, error?.data?.code, error?.message ?? said?.message);
  return said.result.data as Answer;
}

async function bodyOf<Body>(answer: Response): Promise<Body | undefined> {
  try {
    return (await answer.json()) as Body;
  } catch {
    return undefined;
  }
}

export function refusalOf(status: number, code?: string, message?: string): Refusal {
  if (status === 502 || status === 503 || status === 504)
    return new Refusal('UNAVAILABLE', 'The service is not available right now. Please try again in a moment.');
  if (status >= 500 || code === 'INTERNAL_SERVER_ERROR') return new Refusal('INTERNAL_SERVER_ERROR', ownFault);
  return new Refusal(code ?? `HTTP_${status}`, readable(message));
}

/** Refused input comes as a list of issues in JSON. */
function readable(text: string | undefined): string {
  try {
    const issues = JSON.parse(text ?? '') as readonly { readonly path: readonly string[]; readonly message: string }[];
    return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  } catch {
    return text || ownFault;
  }
}
