import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { access } from '../../environment/access.ts';
import type { Environment } from '../../environment/types.ts';
import { reach } from '../../probes/reach.ts';
import { endpointsOf } from '../../runners/preflight.ts';
import { installed } from '../../setup/tools.mjs';
import { allChecks, isBuilt } from '../../suites/index.ts';
import { environmentFrom } from '../environment.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';

/** What is installed and reachable, and what each missing grant costs in checks. Exits 2 when something is missing. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what is installed and reachable, what each missing grant costs in checks')
    .option('--env <file>', 'an environment file to look at as well')
    .action(async ({ env }: { env?: string }) => {
      const tools = toolLines();
      const deployment = env ? await deploymentLines(environmentFrom(env)) : { lines: [], missing: 0 };
      print([...tools.lines, ...deployment.lines].join('\n'));
      if (tools.missing + deployment.missing > 0) process.exitCode = exitCodes.undecided;
    });
}

interface Lines {
  readonly lines: readonly string[];
  readonly missing: number;
}

function toolLines(): Lines {
  const paths = installed()?.paths ?? {};
  const rows = Object.entries({
    k6: 'load',
    livekitServer: 'the reference deployment',
    postgres: 'the reference deployment',
    redisServer: 'the reference deployment',
    pgbouncer: 'the reference deployment behind a pooler',
    chromium: 'end-to-end checks',
  }).map(([name, use]) => {
    const path = (paths as Record<string, string | null>)[name];
    return { name, use, there: typeof path === 'string' && existsSync(path) };
  });
  return {
    lines: [
      'tools',
      ...rows.map(
        ({ name, use, there }) =>
          `  ${there ? 'ok     ' : 'missing'} ${name}${there ? '' : ` (needed for ${use}): node setup/setup.mjs installs it`}`,
      ),
    ],
    missing: rows.filter((row) => !row.there && !['chromium', 'pgbouncer'].includes(row.name)).length,
  };
}

async function deploymentLines(environment: Environment): Promise<Lines> {
  const answers = await Promise.all(
    endpointsOf(environment).map(async (endpoint) => ({
      endpoint,
      answer: await reach(endpoint.url, { timeoutMs: environment.timeoutMs, ca: environment.tls.ca }),
    })),
  );
  const addresses = answers.map(
    ({ endpoint, answer }) =>
      `  ${answer.ok ? 'ok     ' : 'missing'} ${endpoint.key}${answer.ok ? ` answered in ${answer.tookMs.toFixed(0)} ms` : `: it ${answer.because}`}`,
  );
  const gaps = gapsOf(environment);
  const grants = [...gaps].map(
    ([needs, ids]) =>
      `  missing ${needs}: ${ids.length} checks stay not verified (${ids.slice(0, 4).join(', ')}${ids.length > 4 ? ', …' : ''})`,
  );
  return {
    lines: [
      `addresses of ${environment.name}`,
      ...addresses,
      'grants',
      ...(grants.length > 0 ? grants : ['  ok      every built check can be looked at']),
    ],
    missing: gaps.size + answers.filter(({ answer }) => !answer.ok).length,
  };
}

function gapsOf(environment: Environment): Map<string, string[]> {
  const gaps = new Map<string, string[]>();
  for (const check of allChecks.filter(isBuilt)) {
    const found = access(environment, check.needs);
    if (found.status === 'unmet') gaps.set(found.needs, [...(gaps.get(found.needs) ?? []), check.id]);
  }
  return gaps;
}
