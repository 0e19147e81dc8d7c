import type { Environment, Part } from './types.ts';

export type Access =
  | { readonly status: 'granted' }
  /** The part does not exist, says the environment file. */
  | { readonly status: 'excluded'; readonly why: string }
  /** It exists, and the file does not give what looking at it takes. */
  | { readonly status: 'unmet'; readonly needs: string };

interface Rule {
  readonly parts: readonly Part[];
  /** One of these parts is enough; when none exists the check is excluded. */
  readonly anyPart?: readonly Part[];
  /** The keys that are missing; empty when the need is granted. */
  readonly missing: (environment: Environment) => readonly string[];
}

/** What the environment file grants of what a check needs (`Need` of `suites/check.ts`). */
export function access(environment: Environment, needs: readonly string[]): Access {
  const rules = needs.map(ruleOf);
  const absent = rules.flatMap(({ parts }) => parts).find((part) => !environment.parts[part]);
  if (absent) return { status: 'excluded', why: `parts.${absent}: false in the environment file` };
  const noneOf = rules.find(({ anyPart }) => anyPart?.every((part) => !environment.parts[part]))?.anyPart;
  if (noneOf)
    return {
      status: 'excluded',
      why: `${noneOf.map((part) => `parts.${part}`).join(', ')}: false in the environment file`,
    };
  const missing = [...new Set(rules.flatMap((rule) => rule.missing(environment)))];
  return missing.length === 0 ? { status: 'granted' } : { status: 'unmet', needs: missing.join(', ') };
}

const given = (key: string, parts: readonly Part[], read: (environment: Environment) => unknown): Rule => ({
  parts,
  missing: (environment) => (read(environment) ? [] : [key]),
});

const rules: Readonly<Record<string, Rule>> = {
  api: given('api', ['api'], ({ api }) => api),
  realtime: given('realtime', ['realtime'], ({ realtime }) => realtime),
  meetings: given('meetings', ['meeting'], ({ meetings }) => meetings),
  'meetings.keys': given('meetings.tokens', ['meeting'], ({ meetings }) => meetings?.tokens),
  'meetings.redis': given(
    'meetings.redis or redis.url',
    ['meeting'],
    ({ meetings, redis }) => meetings?.redis ?? redis,
  ),
  web: {
    parts: [],
    anyPart: ['landing', 'dashboard', 'meeting'],
    missing: ({ web }) =>
      web.landing || web.dashboard || web.meeting ? [] : ['web.landing, web.dashboard or web.meeting'],
  },
  'web.landing': given('web.landing', ['landing'], ({ web }) => web.landing),
  'web.dashboard': given('web.dashboard', ['dashboard'], ({ web }) => web.dashboard),
  'web.meeting': given('web.meeting', ['meeting'], ({ web }) => web.meeting),
  'web.widget': given('web.widget', ['widget'], ({ web }) => web.widget),
  accounts: { parts: ['api'], missing: missingForAccounts },
  'database.appUrl': given('database.appUrl', ['database'], ({ database }) => database.appUrl),
  'database.serviceUrl': given('database.serviceUrl', ['database'], ({ database }) => database.serviceUrl),
  'database.adminUrl': given(
    'database.adminUrl or database.serviceUrl',
    ['database'],
    ({ database }) => database.adminUrl ?? database.serviceUrl,
  ),
  'database.poolerUrl': given(
    'database.poolerUrl, or parts.pooler: false where the API connects without one',
    ['database', 'pooler'],
    ({ database }) => database.poolerUrl,
  ),
  'redis.url': given('redis.url', ['redis'], ({ redis }) => redis),
  outbox: given('outbox', [], ({ outbox }) => outbox),
  identity: given('identity', ['api'], ({ identity }) => identity),
  clock: given('clock', ['api'], ({ clock }) => clock),
  surveys: given('surveys', ['api'], ({ surveys }) => surveys),
  models: given('models', ['api'], ({ models }) => models),
  cloud: given('cloud', [], ({ cloud }) => cloud),
  logs: given('logs', [], ({ logs }) => logs.length > 0),
  watch: given(
    'watch.processes, watch.metrics or cloud',
    [],
    ({ watch, cloud }) => watch.processes.length > 0 || watch.metrics.length > 0 || cloud,
  ),
  'watch.database': given('database.appUrl or cloud.sql', ['database'], ({ database, cloud }) =>
    Boolean(database.appUrl ?? database.serviceUrl ?? cloud?.sql),
  ),
  'watch.redis': given('redis.url or cloud.redis', ['redis'], ({ redis, cloud }) => redis ?? cloud?.redis),
  agent: given('agent', ['agent', 'meeting'], () => true),
  'agent.url': given('agent.url', ['agent'], ({ agent }) => agent?.url),
  'agent.environment': given('agent.environment', ['agent'], ({ agent }) => agent?.environment),
  knowledge: given('api', ['knowledge', 'api'], ({ api }) => api),
};

/** Every need there is a rule for; a test holds it against `Need`. */
export const knownNeeds: readonly string[] = Object.keys(rules);

function ruleOf(need: string): Rule {
  const rule = rules[need];
  if (!rule) throw new Error(`no rule says what grants ${need}`);
  return rule;
}

/** Accounts may be made only where it is known beforehand how they will be removed, or that they may stay. */
function missingForAccounts({ accounts, database }: Environment): readonly string[] {
  if (!accounts) return ['accounts'];
  if (accounts.given.length > 0) return [];
  if (!accounts.create) return ['accounts.create or accounts.given'];
  return accounts.cleanup === 'database' && !database.serviceUrl ? ['database.serviceUrl'] : [];
}
