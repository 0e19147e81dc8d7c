/** Calls go to the page's own origin, which hands them on to the API. */
let csrf;

export async function csrfToken() {
  csrf ??= (await (await fetch('/api/auth/csrf')).json()).csrfToken;
  return csrf;
}

export async function query(name, input) {
  const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return unwrap(await fetch(`/trpc/${name}${search}`));
}

export async function mutate(name, input) {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': await csrfToken() };
  return unwrap(await fetch(`/trpc/${name}`, { method: 'POST', headers, body: JSON.stringify(input) }));
}

export async function form(path, fields) {
  const body = new URLSearchParams({ ...fields, csrfToken: await csrfToken() });
  csrf = undefined;
  const answer = await fetch(path, { method: 'POST', headers: { 'x-auth-return-redirect': '1' }, body });
  return answer.ok ? new URL((await answer.json()).url).searchParams.get('error') : `${answer.status}`;
}

async function unwrap(answer) {
  const { result, error, message } = await answer.json();
  if (!answer.ok) throw new Error(readable(error?.message ?? message));
  return result.data;
}

/** Refused input comes as a list of issues in JSON. */
function readable(text) {
  try {
    return JSON.parse(text)
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
  } catch {
    return text ?? 'Something went wrong. Please try again.';
  }
}
