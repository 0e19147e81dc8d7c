import { writeAgentSettings } from '../parts/services.ts';
import { readPlan } from '../plan.ts';
import type { Fault } from './fault.ts';

const settings = (directory: string, without: readonly string[]) => {
  const plan = readPlan(directory);
  if (!plan) throw new Error(`no reference deployment is running in ${directory}`);
  writeAgentSettings(plan, without);
};

const fault: Fault = {
  name: 'agent-variable-missing',
  plants: "The key of one of the agent's model providers is not set.",
  catches: ['smoke.agent.config'],
  mayAlso: [],
  plant: async ({ directory }) => settings(directory, ['GOOGLE_API_KEY']),
  lift: async ({ directory }) => settings(directory, []),
};
export default fault;
