import { laterChecks } from '../later.ts';

export const checks = laterChecks('ops', 'ops', {
  honest: ['With a dependency away the platform says so, fails fast and recovers without a restart', ['api'], 'ASVS'],
  attest: [
    'Objectives, retention, cost, data protection, on-call and runbooks are attested by name and date',
    [],
    'R P I',
  ],
  'drill.backup': ['A backup can be restored', ['database.serviceUrl'], 'P I'],
  'drill.migration': ['A migration can be rolled back', ['database.serviceUrl'], 'P I'],
  'drill.failover': ['Redis fails over', ['redis.url'], 'P I'],
  'drill.canary': ['A canary with too many errors is rolled back', ['api'], 'P I'],
});
