import { parseEnvironment } from '../../environment/load.ts';
import type { Environment } from '../../environment/types.ts';

/** An environment from a few lines of YAML that stand beside its name and kind. */
export function deployment(yaml: string, variables: Record<string, string> = {}): Environment {
  const { environment, problems } = parseEnvironment(`name: test\nkind: disposable\n${yaml}`, 'test.yaml', variables);
  if (!environment) throw new Error(JSON.stringify(problems));
  return environment;
}
