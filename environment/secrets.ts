import type { FileContent } from './shape.ts';

type Used = readonly { readonly path: string; readonly name: string; readonly value: string }[];

/** Every value that must never leave: written in the file or brought in by a variable. */
export function secretsOf(content: FileContent, used: Used): string[] {
  const urls = [
    content.database?.appUrl,
    content.database?.serviceUrl,
    content.database?.adminUrl,
    content.database?.poolerUrl,
    content.redis?.url,
    content.meetings?.redis?.url,
  ];
  const all = [
    ...urls.flatMap((url) => (url ? urlSecrets(url) : [])),
    content.meetings?.tokens?.mint?.secret,
    content.outbox?.token,
    content.clock?.token,
    ...(content.accounts?.given ?? []).map(({ password }) => password),
    ...used.filter(({ name, path }) => isSecretName(name) && !isAddress(path)).map(({ value }) => value),
  ];
  return [...new Set(all.filter((secret): secret is string => Boolean(secret)))];
}

/** The password as written and decoded, and parameters that hold one. */
function urlSecrets(text: string): string[] {
  const url = new URL(text);
  const parameters = [...url.searchParams]
    .filter(([name]) => /^(password|sslpassword)$/i.test(name))
    .map(([, value]) => value);
  const password = isPublicWord(url) ? [] : [url.password, decoded(url.password)];
  return [...password, ...parameters];
}

/**
 * `postgres://postgres:postgres@…`: hiding the word everywhere would blot out half the report and hide nothing. It is still
 * taken out where it stands as a password.
 */
function isPublicWord({ username, password, pathname, protocol }: URL): boolean {
  const words = [username, pathname.slice(1), protocol.slice(0, -1), 'postgres', 'redis', 'password'];
  return words.includes(password);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isSecretName(name: string): boolean {
  return /secret|token|passw|credential|private|(^|_)(key|pass|pwd|auth)($|_)/i.test(name);
}

/** The variable of a whole address holds a secret only in its password, which is taken out by itself. */
function isAddress(path: string): boolean {
  return /(^|\.)(\w*url|urls\[\d+\]|landing|dashboard|meeting|widget|procedure|key)$/i.test(path);
}
