import { formatProblems, loadEnvironment } from '../environment/load.ts';
import type { Environment } from '../environment/types.ts';
import { allChecks } from '../suites/index.ts';
import { UsageError } from './errors.ts';

const ids: ReadonlySet<string> = new Set(allChecks.map((check) => check.id));

/** @throws UsageError with every problem of the file, each with its line. */
export function environmentFrom(file: string | undefined): Environment {
  if (!file)
    throw new UsageError('expected an environment file: --env FILE ("shakedown init" writes one to start from)');
  const loaded = loadEnvironment(file, undefined, { checkIds: ids });
  if (loaded.problems) throw new UsageError(formatProblems(file, loaded.problems));
  return loaded.environment;
}
