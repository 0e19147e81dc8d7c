import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const port = z.number().int().min(1).max(65535);
const sitePorts = z.object({ https: port, http: port });
const window = (max: number, windowMs: number) =>
  z
    .object({ max: z.number().int().positive().default(max), windowMs: z.number().positive().default(windowMs) })
    .prefault({});
const byPlan = (windowMs: number, free: number, pro: number, enterprise: number) =>
  z
    .object({ free: window(free, windowMs), pro: window(pro, windowMs), enterprise: window(enterprise, windowMs) })
    .prefault({});

const minute = 60_000;
const hour = 60 * minute;

/** Defaults are the platform's declared table; a deployment that is to carry load raises them here. */
const limits = z
  .object({
    auth: window(5, 15 * minute),
    chat: byPlan(5 * minute, 10, 100, 1000),
    trpc: byPlan(hour, 100, 1000, 10_000),
    /** Calls without a session, counted per address; the table names no value, so this is ours. */
    anonymous: window(10_000, hour),
    socket: z.object({ burst: z.number().default(200), perSecond: z.number().default(50) }).prefault({}),
  })
  .prefault({});

const schema = z.object({
  directory: z.string(),
  revision: z.string(),
  tls: z.object({ key: z.string(), cert: z.string(), ca: z.string() }),
  ports: z.object({
    api: port,
    realtime: z.record(z.string(), port),
    models: port,
    agent: port,
    outbox: port,
    identity: port,
    web: z.object({ landing: sitePorts, dashboard: sitePorts, meeting: sitePorts, widget: sitePorts }),
    control: z.record(z.string(), port),
  }),
  controlToken: z.string().min(16),
  /** `pooledUrl`: as `appUrl`, by way of the pooler, where the deployment has one. */
  postgres: z.object({ appUrl: z.string(), serviceUrl: z.string(), pooledUrl: z.string().optional() }),
  redis: z.object({ url: z.string() }),
  livekit: z.object({ url: z.string(), apiKey: z.string(), apiSecret: z.string() }),
  origins: z.array(z.string()),
  models: z.object({
    url: z.string(),
    /** A question with this text in it makes the provider fail. */
    failingPrompt: z.string().min(8),
    latencyMs: z.object({ fast: z.number(), balanced: z.number(), powerful: z.number() }),
  }),
  sessionSecret: z.string().min(32),
  /** What moves the clock. */
  clockToken: z.string().min(16),
  /** Signs the tokens by which the platform's own services call the API. */
  serviceSecret: z.string().min(32),
  outbox: z.object({ url: z.string(), token: z.string() }),
  identity: z.object({ url: z.string(), clientId: z.string(), clientSecret: z.string() }),
  surveys: z.object({ baseUrl: z.string(), fallbackSeconds: z.tuple([z.number(), z.number(), z.number()]) }),
  limits,
  /** Starts with every defect of the platform as it was built. */
  asBuilt: z.boolean().default(false),
  /** Puts verification and reset tokens into answers, as the platform does today; off, they travel by mail alone. */
  tokensInAnswers: z.boolean().default(false),
});

export type Config = z.infer<typeof schema>;
export type Site = keyof Config['ports']['web'];

export interface Start {
  readonly config: Config;
  /** `api`, `realtime-1`, `realtime-2`, `web`, `models` or `stubs`. */
  readonly name: string;
}

/** Reads `main.ts <config.json> --name <name>`. */
export function start(argv: readonly string[] = process.argv.slice(2)): Start {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    // The supervisor may hand on options meant for other parts.
    strict: false,
    options: { name: { type: 'string' } },
  });
  const [path] = positionals;
  if (!path || typeof values.name !== 'string') throw new Error('usage: main.ts <config.json> --name <name>');
  return { config: parseConfig(JSON.parse(readFileSync(path, 'utf8'))), name: values.name };
}

export function parseConfig(value: unknown): Config {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`the services cannot start on this configuration:\n${z.prettifyError(parsed.error)}`);
}
