import { laterChecks } from '../later.ts';

const api = ['api', 'accounts'] as const;
const database = ['database.appUrl', 'database.serviceUrl'] as const;

export const checks = laterChecks('security', 'sec', {
  'rls.catalog': [
    'No table, view, function or role of the database opens a way around tenant isolation',
    database,
    'R P',
    ['T-isolation'],
  ],
  'rls.matrix': [
    'No role reads or writes a row of another tenant, in any table, by any command',
    database,
    'R P',
    ['T-isolation'],
  ],
  'rls.context': ['A missing, empty, forged or stale tenant context shows nothing', database, 'R P', ['T-isolation']],
  'rls.bypass': ['Nothing is left on a pooled connection for the next tenant', database, 'R P', ['T-isolation']],
  'tenant.api': [
    'No procedure that takes an id gives or changes something of another tenant',
    api,
    'P',
    ['T-isolation'],
  ],
  'tenant.ws': [
    'No socket joins, reads or writes a room of another tenant',
    [...api, 'realtime'],
    'P',
    ['T-isolation'],
  ],
  'tenant.redis': ['Keys and streams are kept apart by tenant', [...api, 'redis.url'], 'P', ['T-isolation']],
  'tenant.files': ['Uploads are reachable by their own tenant only', api, 'P', ['T-isolation']],
  'tenant.livekit': ['Meeting rooms and tokens are kept apart by tenant', [...api, 'meetings'], 'P', ['T-isolation']],
  csrf: ['Every state-changing route refuses a missing, wrong, foreign or replayed CSRF token', api, 'P', ['T-csrf']],
  sqli: ['No input of any procedure reaches SQL', api, 'P', ['T-vulns']],
  xss: ['No text of a user runs as script in the page of another', [...api, 'web.dashboard'], 'P', ['T-vulns']],
  ratelimit: ['The rate limits cannot be walked around', api, 'P', ['T-ratelimit']],
  session: ['A session cannot be fixed, taken over or used after it ended', api, 'P'],
  apikey: ['API keys are strong, stored hashed, scoped, revocable and bound to their tenant', api, 'P'],
  password: ['Weak, common and breached passwords are refused, and hashes are strong', api, 'P'],
  ws: [
    'The realtime server refuses foreign origins, forged tokens and malformed or oversize frames',
    [...api, 'realtime'],
    'P',
  ],
  'livekit.token': [
    'Expired, forged, unsigned and foreign meeting tokens are refused',
    ['meetings', 'meetings.keys'],
    'R P',
  ],
  headers: ['Security headers and content security policy are in place', ['web.landing'], 'P I'],
  tls: ['Only safe protocol versions and ciphers are offered', ['web.landing'], 'P I'],
  scan: ['A vulnerability scanner finds nothing critical', ['web.landing'], 'R P', ['T-vulns']],
  deps: ['The dependencies of the platform have no known critical vulnerability', ['api'], 'P', ['T-vulns']],
  roles: ['Inside one tenant nobody does more than their role, and nobody raises a role above their own', api, 'ASVS'],
  anonymous: [
    'Without a session only the declared public procedures answer, and those act only for the caller',
    api,
    'ASVS',
  ],
  exposure: ['No answer to anybody carries a secret', api, 'ASVS'],
  enumeration: ['Sign-in, registration and reset answer alike for known and unknown accounts', api, 'ASVS'],
  host: ['Forged host and forwarded headers change nothing', api, 'ASVS'],
  errors: ['No error tells SQL, stack, path, host name or library internals', api, 'ASVS'],
  limits: ['Limits of size, depth, batch and time hold, and the refusal is clean', api, 'ASVS'],
  audit: ['Security-relevant actions leave an audit row', [...api, 'database.serviceUrl'], 'ASVS'],
});
