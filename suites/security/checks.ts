import type { Check } from '../check.ts';
import { laterChecks } from '../later.ts';

const api = ['api', 'accounts'] as const;
const database = ['database.appUrl', 'database.adminUrl'] as const;

type Row = Omit<Check, 'suite' | 'id'>;

/** Built ones: a body per row stands beside it, `rls.catalog.ts` for `sec.rls.catalog`. The four share one look at the database. */
const built = {
  'rls.catalog': {
    claim: 'No table, view, function or role of the database opens a way around tenant isolation',
    assertions: { role: { needs: ['api'] }, bound: {}, keys: {}, cells: { target: 'T-isolation' } },
    needs: database,
    source: 'R P',
    how: "First the proof that the role looked at is the one the API connects with, seen in the sessions the API's own answers go through, and that row level security binds it. Then every table, policy, view, function, sequence, privilege, default and role in the catalogue.",
    timeoutMs: 240_000,
    writes: true,
  },
  'rls.matrix': {
    claim: 'No role reads or writes a row of another tenant, in any table, by any command',
    assertions: { probed: {}, cells: { target: 'T-isolation' } },
    needs: database,
    source: 'R P',
    how: "Tenants with marked rows are made in one transaction that is rolled back. As the app's role, for one of them, each table is read, written, moved and deleted from in every way; what comes back or changes is held against whose row it is, never against what a policy says.",
    timeoutMs: 240_000,
    writes: true,
  },
  'rls.context': {
    claim: 'A missing, empty, forged or stale tenant context shows nothing',
    assertions: { probed: {}, cells: { target: 'T-isolation' } },
    needs: database,
    source: 'R P',
    how: 'The same rows with nothing set on a fresh connection, with the setting empty as a used connection has it, with ids that are nobody, nearly somebody or no id at all, and with every switch a policy reads thrown.',
    timeoutMs: 240_000,
    writes: true,
  },
  'rls.bypass': {
    claim: 'Nothing is left on a pooled connection for the next tenant',
    assertions: {
      fresh: {},
      reused: {},
      answers: { needs: ['api', 'accounts'] },
      scope: { needs: ['api', 'accounts'] },
      pooler: { needs: ['database.poolerUrl'] },
      cells: { target: 'T-isolation' },
    },
    needs: database,
    source: 'R P',
    how: "Connections of the app's role, fresh and after a commit, a roll-back, a failed and a cancelled statement, know no tenant and show no row. Two tenants and nobody ask the API in turns, some cut off and some cancelled half-way: no answer holds what is another's, and the statements seen set the tenant for one transaction alone. Through the pooler the API's own server connections are met, all at once: nothing of a session is left on them, and after each way a turn may end, a killed client included, the next on the same one finds nothing.",
    timeoutMs: 180_000,
    writes: true,
  },
} satisfies Record<string, Row>;

const rows: Readonly<Record<string, Row>> = built;

const planned = laterChecks('security', 'sec', {
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

export const checks: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [name, { ...row, id: `sec.${name}`, suite: 'security' }]),
  ),
  ...planned,
};
