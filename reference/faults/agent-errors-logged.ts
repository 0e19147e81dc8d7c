import type { Fault } from './fault.ts';

const fault: Fault = {
  name: 'agent-errors-logged',
  plants: 'The agent writes eight errors to its log.',
  catches: ['smoke.agent.errors'],
  mayAlso: [],
  plant: (deployment) => deployment.switch('agent', 'errors-logged', 8),
  async lift(deployment) {
    await deployment.switch('agent', 'errors-logged', null);
    // What is in the log stays there; a hundred later lines bury it.
    await deployment.switch('agent', 'lines-logged', 120);
    await deployment.switch('agent', 'lines-logged', null);
  },
};
export default fault;
