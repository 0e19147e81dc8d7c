/** A check is one promise about a deployment, as plain data that Node, the browser runner and k6 can all import. */

/** What a check needs the environment file to grant; the dotted path of the key. */
export type Need =
  | 'api'
  | 'realtime'
  | 'meetings'
  | 'meetings.keys' // an API key and secret to mint tokens with, or a token procedure and a room API
  | 'meetings.redis'
  | 'web' // any of the sites
  | 'web.landing'
  | 'web.dashboard'
  | 'web.meeting'
  | 'web.widget'
  | 'accounts'
  | 'database.appUrl'
  | 'database.serviceUrl'
  | 'database.adminUrl' // or a service role that may become the app's
  | 'database.poolerUrl'
  | 'redis.url'
  | 'outbox'
  | 'identity'
  | 'clock'
  | 'surveys'
  | 'models'
  | 'cloud'
  | 'logs'
  | 'watch' // processes, metrics or the cloud's monitoring
  | 'watch.database'
  | 'watch.redis'
  | 'knowledge' // documents that can be searched
  | 'agent'
  | 'agent.url'
  | 'agent.environment';

export interface AssertionRow {
  /** The row of `targets/` it is held against; without one it is functional: always judged, on any profile. */
  readonly target?: string;
  /** Names of the cells of a census, where they are known before the run. */
  readonly cells?: readonly string[];
  /** Fewest good measurements of a functional assertion; 1 unless said. */
  readonly atLeast?: number;
  /** Needed by this assertion alone: a part that does not exist drops the assertion, one not granted leaves it not verified. */
  readonly needs?: readonly Need[];
}

export interface Check {
  readonly id: string;
  readonly suite: 'smoke' | 'e2e' | 'load' | 'security' | 'soak' | 'ops';
  /** A sentence a release manager could sign. */
  readonly claim: string;
  readonly assertions: Readonly<Record<string, AssertionRow>>;
  /** All are needed; a part that the environment file says does not exist excludes the check, one it does not grant leaves it not verified. */
  readonly needs: readonly Need[];
  /** R readiness, P preparation, I implementation, or the standard it follows from. */
  readonly source: string;
  /** One or two sentences: how it is probed. */
  readonly how: string;
  /** Planned, with no body yet. */
  readonly later?: true;
  /** Upper bound for its body, ms; 15 000 unless said. */
  readonly timeoutMs?: number;
  /** It makes tenants, users or rooms and so needs a way to remove them again. */
  readonly writes?: true;
}
