import { restartFault } from './restarted.ts';

export default restartFault({
  name: 'agent-vision-missing',
  plants: 'The agent starts without its plugin for vision.',
  catches: ['smoke.agent.plugins'],
  mayAlso: [],
  service: 'agent',
  options: { plugins: 'voice' },
});
