/** Either generation of names, plain and for HTTPS: browsers and older clients hold whichever they were given. */
export const sessionCookies = [
  'authjs.session-token',
  '__Secure-authjs.session-token',
  'next-auth.session-token',
  '__Secure-next-auth.session-token',
] as const;

export function sessionToken(cookies: Readonly<Record<string, string | undefined>>): string | undefined {
  return sessionCookies.map((name) => cookies[name]).find((value) => value !== undefined);
}

export function parseCookies(header: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(0, at)).trim();
    if (name !== '') found[name] ??= decode(part.slice(at + 1).trim());
  }
  return found;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
