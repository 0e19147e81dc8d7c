/** A commented environment file to begin with. It parses as it stands once its variables are set, which a test holds. */
export function initialEnvironment(name = 'staging'): string {
  return template.replace('name: NAME', `name: ${name}`);
}

const template = `# A deployment, described for shakedown. Every key: docs/environment-file.md
# \${NAME} is taken from the environment, \${NAME:-default} falls back; $\${ stands for a literal \${.
# What is not granted here is reported as not verified, never as passed.

name: NAME
kind: staging            # disposable | staging | production; production asks once more before anything writes
revision: \${GIT_SHA:-}   # the revision that ought to be deployed; without it the deployed one is shown, not judged

# Smoke is always allowed. Each other suite that may write is named: e2e, load, soak, security, stress, drills.
allow: [e2e, load]

# Nothing is contacted but the hosts of the addresses below and what is listed here: host, host:port or *.domain.
addresses: []

# A hard stop for each run.
budget: { requests: 200000, aiMessages: 2000, usd: 5 }

# A certificate authority of your own, PEM, relative to this file.
# tls: { ca: ./ca.pem }

# A part that does not exist is false: its checks are listed as excluded. All are true unless said:
# api, realtime, meeting, agent, landing, dashboard, widget, database, redis, knowledge, pooler.
parts:
  agent: true

api:
  url: https://api.staging.example
  # csrf: header         # or none
  # sessionCookies: [authjs.session-token, __Secure-authjs.session-token]

realtime:
  urls: [wss://realtime.staging.example/ws]     # every instance that can be reached by itself
  # cookie: authjs.session-token                # the name the session token is sent under

meetings:
  url: wss://meet-media.staging.example
  tokens: { procedure: livekit.getToken }       # or { mint: { key: \${LIVEKIT_KEY}, secret: \${LIVEKIT_SECRET} } }

web:
  landing: https://www.staging.example
  dashboard: https://dashboard.staging.example
  meeting: https://meet.staging.example
  widget: https://cdn.staging.example/widget/v1/widget.js
  plain: [http://www.staging.example]           # must redirect to https

# Tenants and users of the run's own, removed again by cleanup: database | procedure | none; or given ones:
# given: [{ tenant: acme, role: owner, email: owner@acme.example, password: \${OWNER_PASSWORD} }]
accounts: { create: true, cleanup: database }

# appUrl: the role the API itself uses, which obeys row-level security. serviceUrl: the role that sees every tenant.
# adminUrl: sees every tenant and may become the app's role, to prove isolation in a transaction that is rolled back.
# poolerUrl: the app's role by way of the pooler the API uses; without a pooler say so: parts: { pooler: false }.
database: { appUrl: "\${APP_DATABASE_URL:-}", serviceUrl: "\${SERVICE_DATABASE_URL:-}", adminUrl: "\${ADMIN_DATABASE_URL:-}" }

# Where the catalogue leaves open whose a row is; the report asks, and this answers.
# isolation: { setting: app.current_tenant_id, tenantKeys: [public.orders=customer_id], shared: [public.countries] }
redis: { url: "\${REDIS_URL:-}" }

# What lies outside the platform, where a test deployment has stand-ins for it.
# outbox: { url: https://outbox.staging.example/messages, token: \${OUTBOX_TOKEN} }   # mail, text messages and calls, read back
# identity: { url: https://identity.staging.example, providers: [google, microsoft-entra-id] }
# clock: { url: https://clock.staging.example/clock, token: \${CLOCK_TOKEN} }         # moves the deployment's clock ahead
# surveys: { fallbackSeconds: [300, 1800, 7200] }                                     # waits before call, text message, mail
# models: { failingPrompt: "please fail" }                                            # a question that the model provider fails on

# cloud: { project: my-project, run: [api, realtime], sql: main-16, redis: sessions }
# agent: { url: https://agent.staging.example, environment: ./agent.env }                # the agent that joins meetings
#   voice: tones in there says that it answers any sound aloud, not speech alone, so that its silence is a failure
# logs: [{ service: api, file: ./api.log }]

# What a soak watches, as far as it runs beside the deployment: processes by id, id file or control group; pages in the
# Prometheus text form; the file the deployment's alerting writes to; how large the disk of the database is.
# watch:
#   processes: [{ service: api, pidFile: /run/api.pid }]
#   metrics: [{ service: livekit, url: https://meet-media.staging.example/metrics }]
#   alerts: ./alerts.ndjson
#   alertRules: { redis.memory: RedisMemoryHigh }   # what the alerting calls a threshold, where it does not call it so
#   diskBytes: 107374182400

# Floors that differ from the usual ones; a lowered floor is printed in every report.
# expect: { tables: 28, policies: 76, postgres: "16.7", redis: "7.4.2", migrations: 12 }

# A promise somebody answers for until a date.
# waivers: [{ check: smoke.ops.backups, reason: backups start in March, owner: operations, until: 2026-03-01 }]
`;
