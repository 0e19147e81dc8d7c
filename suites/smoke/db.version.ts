import { isAtLeast } from '../../probes/versions.ts';
import type { Body } from '../../runners/body.ts';
import { withDatabase } from './connections.ts';

const body: Body = (context) =>
  withDatabase(context, 'appUrl', ['version'], async (database) => {
    const floor = context.environment.expect.postgres;
    const [row] = await database.rows('show server_version_num');
    const version = versionOf(Number(row?.server_version_num));
    const seen = { expected: `PostgreSQL ${floor} or newer`, observed: version ?? 'no version' };
    if (version && isAtLeast(version, floor) === true) context.holds('version', seen);
    else if (version) context.breaks('version', `PostgreSQL ${version} is older than ${floor}`, seen);
    else context.breaks('version', 'the server does not say which version it is', seen);
  });

export default body;

/** 160014 is 16.14, and 90624 was 9.6.24. */
function versionOf(number: number): string | null {
  if (!Number.isInteger(number) || number < 10_000) return null;
  const major = Math.floor(number / 10_000);
  const rest = number % 10_000;
  return major >= 10 ? `${major}.${rest}` : `${major}.${Math.floor(rest / 100)}.${rest % 100}`;
}
