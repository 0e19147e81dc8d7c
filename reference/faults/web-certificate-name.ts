import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-certificate-name',
  plants: 'The sites serve a certificate for another name.',
  catches: ['smoke.web.tls', 'smoke.web.landing', 'smoke.web.dashboard', 'smoke.web.meeting', 'smoke.web.widget'],
  mayAlso: ['smoke.web.*'],
  on: ['web'],
  set: { 'tls-wrong-name': true },
});
