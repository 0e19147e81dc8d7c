import { switchFault } from './switched.ts';

export default switchFault({
  name: 'web-certificate-expired',
  plants: 'The sites serve a certificate that expired yesterday.',
  catches: ['smoke.web.tls', 'smoke.web.landing', 'smoke.web.dashboard', 'smoke.web.meeting', 'smoke.web.widget'],
  mayAlso: ['smoke.web.*'],
  on: ['web'],
  set: { 'tls-expired': true },
});
