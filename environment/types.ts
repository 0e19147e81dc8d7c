import type { AlertRuleName } from './alert-rules.ts';
/** The environment file, parsed and checked once at the door. `null`: not granted. `parts` false: the part does not exist. */
export interface Environment {
  readonly file: string;
  readonly name: string;
  readonly kind: 'disposable' | 'staging' | 'production';
  /** Expected deployed revision; null: shown, not judged. */
  readonly revision: string | null;
  /** Suites that may write, besides smoke: `e2e load soak security stress drills`. */
  readonly allow: readonly string[];
  /** Hosts (`host`, `host:port`, `*.domain`) besides those of the URLs below; nothing else is ever contacted. */
  readonly addresses: readonly string[];
  readonly budget: { readonly requests: number; readonly aiMessages: number; readonly usd: number };
  /** One request's time-out, ms; 5 000 unless the file says. */
  readonly timeoutMs: number;
  readonly tls: {
    /** The PEM text itself, and where it was read from (absolute). */
    readonly ca: string | null;
    readonly caPath: string | null;
    /** http:// and ws:// beyond loopback are meant, although the deployment is not disposable. */
    readonly allowPlain: boolean;
  };
  readonly parts: Readonly<Record<Part, boolean>>;
  readonly api: {
    readonly url: string;
    /** Where tRPC is mounted, under `url`: `/trpc` unless the file says. */
    readonly trpcPath: string;
    /** Under `url`: `/health` unless the file says. */
    readonly healthPath: string;
    /** A public query without input or with `{}`: `assetClasses.list` unless the file says. */
    readonly publicQuery: string;
    readonly login: 'authjs';
    /** Names the session cookie may have; the first that is set wins. */
    readonly sessionCookies: readonly string[];
    readonly csrf: 'header' | 'none';
  } | null;
  readonly realtime: {
    readonly urls: readonly string[];
    /** Names the session token is sent under at the upgrade: the one the file gives, otherwise all of `api.sessionCookies`. */
    readonly cookies: readonly string[];
    /** Origin header of the upgrade; the dashboard's origin unless the file says. */
    readonly origin: string | null;
  } | null;
  readonly meetings: {
    /** ws:// or wss:// */
    readonly url: string;
    /** Further nodes of the same cluster. */
    readonly urls: readonly string[];
    readonly tokens:
      | { readonly mint: { readonly key: string; readonly secret: string } }
      | { readonly procedure: string }
      | null;
    readonly redis: { readonly url: string } | null;
  } | null;
  readonly web: {
    readonly landing: string | null;
    readonly dashboard: string | null;
    readonly meeting: string | null;
    /** The script a foreign page embeds. */
    readonly widget: string | null;
    /** Plain-HTTP addresses that must redirect to https. */
    readonly plain: readonly string[];
  };
  readonly accounts: {
    readonly create: boolean;
    readonly cleanup: 'database' | 'procedure' | 'none';
    readonly cleanupProcedure: string | null;
    readonly given: readonly GivenAccount[];
  } | null;
  readonly database: {
    readonly appUrl: string | null;
    readonly serviceUrl: string | null;
    /** Sees every tenant and may become the app's role; `serviceUrl` stands in for it where it can. */
    readonly adminUrl: string | null;
    /** The app's role by way of the pooler that the API connects through. */
    readonly poolerUrl: string | null;
  };
  /** Answers to what the catalogue of the database leaves open about whose a row is. */
  readonly isolation: {
    readonly setting: string | null;
    /** `schema.table` → column. */
    readonly tenantKeys: Readonly<Record<string, string>>;
    /** `schema.table` of tables that belong to no tenant by design. */
    readonly shared: readonly string[];
  };
  readonly redis: { readonly url: string } | null;
  /** Where what the deployment sends (mail, text messages, calls) can be read: `GET url?to=…`, with the token as Bearer. */
  readonly outbox: { readonly url: string; readonly token: string | null } | null;
  /** An identity provider at which anybody may sign in under any name. `providers` as Auth.js names them. */
  readonly identity: { readonly url: string; readonly providers: readonly string[] } | null;
  /** Moves the deployment's clock, or that of one account: `POST url {aheadMs, email?}`, with the token as Bearer. */
  readonly clock: { readonly url: string; readonly token: string | null } | null;
  /** Seconds without an answer after which a survey goes on to the call, the text message and the mail. */
  readonly surveys: { readonly fallbackSeconds: readonly number[] } | null;
  /** A text that makes the model provider's stand-in fail, wherever it stands in a question. */
  readonly models: { readonly failingPrompt: string } | null;
  readonly cloud: {
    readonly project: string;
    readonly apiEndpoint: string | null;
    /** Names of the services, the SQL instance and the Redis instance whose monitoring is read. */
    readonly run: readonly string[];
    readonly sql: string | null;
    readonly redis: string | null;
  } | null;
  /** What a soak may watch beside what it asks over the network. */
  readonly watch: {
    readonly processes: readonly WatchedProcess[];
    readonly metrics: readonly WatchedPage[];
    /** A file the deployment's own alerting writes its notifications to, one JSON object a line. */
    readonly alerts: string | null;
    /** What it calls the threshold, where it does not call it as we do. */
    readonly alertRules: Readonly<Partial<Record<AlertRuleName, string>>>;
    /** How large the disk of the database is. */
    readonly diskBytes: number | null;
  };
  /** The agent that joins meetings: its address, a file of `NAME=value` lines with its settings, and which of them it needs. */
  readonly agent: {
    readonly url: string | null;
    /** Absolute. */
    readonly environment: string | null;
    readonly variables: readonly string[];
    /** What it answers aloud besides speech, so that its silence can be held against it; null: nobody says. */
    readonly voice: 'tones' | null;
  } | null;
  readonly logs: readonly { readonly service: string; readonly file: string }[];
  readonly expect: {
    readonly tables: number;
    readonly policies: number;
    readonly postgres: string;
    readonly redis: string;
    readonly migrations: number;
    /** Names of seed tenants and e-mails of seed users that must be there; null: at least one of each. */
    readonly seed: { readonly tenants: readonly string[]; readonly users: readonly string[] } | null;
    /** `key: default → value` for each floor the file lowers; printed in the report. */
    readonly relaxed: readonly string[];
  };
  readonly waivers: readonly {
    readonly check: string;
    readonly reason: string;
    readonly owner: string;
    readonly until: string;
  }[];
  /** Every secret value of the file and its interpolations, for redaction and for the canary search. */
  readonly secrets: readonly string[];
}

/** A process on this machine, found by exactly one of the three. */
/** A page in the Prometheus text form. */
export interface WatchedPage {
  readonly service: string;
  readonly url: string;
  /** How many cores it may use, which no page tells; null: nobody says. */
  readonly cpuCores: number | null;
}

export interface WatchedProcess {
  readonly service: string;
  readonly pid: number | null;
  /** A file that holds the id, by itself, in the first line or as `pid` of a JSON object; read again at every look. */
  readonly pidFile: string | null;
  /** A control group (version 2), under which a container runs. */
  readonly cgroup: string | null;
  /** How much memory it may use before somebody ends it; null: nobody says. A control group says so itself. */
  readonly memoryBytes: number | null;
  /** How many cores it may use; null: nobody says. The quota of a control group goes before it. */
  readonly cpuCores: number | null;
}

export const parts = [
  'api',
  'realtime',
  'meeting',
  'agent',
  'landing',
  'dashboard',
  'widget',
  'database',
  'redis',
  'knowledge',
  'pooler',
] as const;
export type Part = (typeof parts)[number];

export interface GivenAccount {
  readonly tenant: string;
  readonly role: 'owner' | 'admin' | 'member';
  readonly email: string;
  readonly password: string;
}
