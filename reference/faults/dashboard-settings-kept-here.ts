import type { Fault } from './fault.ts';

export default {
  name: 'dashboard-settings-kept-here',
  plants: 'Changed settings are kept in the browser alone; another computer shows the old ones.',
  catches: ['e2e.dashboard.settings'],
  mayAlso: [],
  async plant(deployment) {
    await deployment.switch('api', 'settings-not-saved', true);
    await deployment.switch('web', 'settings-kept-here', 'dashboard');
  },
  async lift(deployment) {
    await deployment.switch('web', 'settings-kept-here', null);
    await deployment.switch('api', 'settings-not-saved', null);
  },
} satisfies Fault;
