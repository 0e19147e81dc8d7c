import { isRecord } from '../../platform/json.ts';
import type { Trpc } from '../../platform/trpc.ts';
import { asRecord, everyPage } from './tenants.ts';

/** A procedure and its input. */
export type Call = readonly [procedure: string, input: object];

/** Where something is made: a tenant, one of its chat sessions, and a word of this run by which it is known. */
export interface Spot {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly mark: string;
}

export interface Known extends Spot {
  readonly id: string;
}

/** What a tenant has besides documents and people. */
export interface Belonging {
  /** As one says it aloud: "widget". */
  readonly what: string;
  make(spot: Spot): Call;
  /** All of it that a tenant has, as a record. */
  list(client: Trpc): ReturnType<Trpc['query']>;
  /** What shows it to whoever knows an id. */
  open?(known: Known): Call;
  /** Answers with `total`, how many there are. */
  readonly count?: string;
  /** What a stranger may try on it. */
  changes(known: Known): readonly Call[];
  /** The contract names no refusal for it: what the owner finds afterwards decides, whatever was answered. */
  readonly refusedInSilence?: true;
  /** Takes it away again; what cannot be is only made in a tenant that goes as a whole. */
  remove?(known: Known): Call;
}

export const belongings: readonly Belonging[] = [
  {
    what: 'widget',
    make: ({ mark }) => ['widgets.create', { name: mark, domainWhitelist: [`https://${mark}.example.com`] }],
    list: (client) => everyPage(client, 'widgets.list', 'widgets'),
    open: ({ id }) => ['widgets.get', { id }],
    changes: ({ id }) => [
      ['widgets.update', { id, name: 'taken', isActive: false }],
      ['widgets.delete', { id }],
    ],
    remove: ({ id }) => ['widgets.delete', { id }],
  },
  {
    what: 'API key',
    make: ({ mark }) => ['apiKeys.create', { name: mark, type: 'secret', permissions: ['read'], expiresInDays: 1 }],
    list: async (client) => asRecord(await client.query('apiKeys.list', {})),
    changes: ({ id }) => [['apiKeys.revoke', { keyId: id }]],
    remove: ({ id }) => ['apiKeys.revoke', { keyId: id }],
  },
  {
    what: 'personality',
    make: ({ mark }) => [
      'aiPersonalities.create',
      {
        name: mark,
        tone: 'friendly',
        systemPrompt: `You are called ${mark}.`,
        knowledgeBaseIds: [],
        temperature: 0.5,
        maxTokens: 500,
      },
    ],
    list: async (client) => asRecord(await client.query('aiPersonalities.list', {})),
    refusedInSilence: true,
    changes: ({ id }) => [
      ['aiPersonalities.update', { id, name: 'taken' }],
      ['aiPersonalities.delete', { id }],
    ],
    remove: ({ id }) => ['aiPersonalities.delete', { id }],
  },
  {
    what: 'customer',
    make: ({ tenantId, mark }) => [
      'endUsers.createOrGet',
      { tenantId, email: `${mark}@example.com`, name: mark, source: 'widget' },
    ],
    list: (client) => everyPage(client, 'endUsers.list', null),
    open: ({ id }) => ['endUsers.getById', { endUserId: id }],
    refusedInSilence: true,
    changes: ({ id }) => [['endUsers.block', { endUserId: id, reason: 'of another tenant' }]],
  },
  {
    what: 'escalation',
    make: ({ tenantId, sessionId, mark }) => [
      'escalations.create',
      { tenantId, sessionId, escalationType: 'user_request', reason: `a person is asked for ${mark}` },
    ],
    list: (client) => everyPage(client, 'escalations.list', null),
    open: ({ id }) => ['escalations.getById', { escalationId: id }],
    count: 'escalations.getStats',
    changes: ({ id }) => [
      ['escalations.agentJoined', { escalationId: id }],
      ['escalations.resolve', { escalationId: id, resolutionNotes: 'resolved by another tenant' }],
    ],
  },
  {
    what: 'survey',
    // An answer comes with it, so that nobody is asked by another tier later.
    make: ({ tenantId, sessionId, mark }) => [
      'surveys.create',
      { tenantId, sessionId, surveyMethod: 'in_widget', experienceRating: 4, problemSolved: true, feedbackText: mark },
    ],
    list: (client) => everyPage(client, 'surveys.list', null),
    open: ({ sessionId }) => ['surveys.getBySession', { sessionId }],
    count: 'surveys.getStats',
    changes: () => [],
  },
];

/** Every record in an answer, however deep in lists. */
function recordsIn(data: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(data)) return data.flatMap(recordsIn);
  return isRecord(data) ? [data, ...Object.values(data).filter(Array.isArray).flatMap(recordsIn)] : [];
}

/** The id of what bears the mark. */
export function idOfMarked(data: unknown, mark: string): string | null {
  const marked = recordsIn(data).filter((row) => typeof row.id === 'string' && JSON.stringify(row).includes(mark));
  const id = marked.at(-1)?.id;
  return typeof id === 'string' ? id : null;
}

/** What of a row says that somebody did something to it. */
const telling = ['name', 'isActive', 'revokedAt', 'isBlocked', 'status', 'resolvedAt', 'humanAgentJoinedAt'];

export function stateOf(data: unknown, id: string): Readonly<Record<string, unknown>> {
  const row = recordsIn(data).find((one) => one.id === id);
  return {
    'the place in the list': row !== undefined,
    'the state': telling.map((name) => row?.[name] ?? null),
  };
}
