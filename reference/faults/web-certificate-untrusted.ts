import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-certificate-untrusted',
  plants: 'The sites serve a certificate that no known authority signed.',
  catches: ['smoke.web.tls', 'smoke.web.landing', 'smoke.web.dashboard', 'smoke.web.meeting', 'smoke.web.widget'],
  mayAlso: ['smoke.web.*'],
  on: ['web'],
  set: { 'tls-untrusted': true },
});
