/** One JSON object a line on stdout; the supervisor keeps it in a file. Never give it a token, a password or a cookie. */
export function log(
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}

export const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
