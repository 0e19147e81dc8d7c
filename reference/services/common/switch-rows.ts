/** A switch plants one defect in a running process. `POST /switches {name, value}` on its control port sets it, value null lifts it. */
export interface SwitchRow {
  readonly service: 'api' | 'realtime' | 'web' | 'models' | 'stubs' | 'agent';
  readonly name: string;
  /** A sentence: the value it takes and what it does. */
  readonly effect: string;
}

const api = rows('api', {
  'health-latency-ms': 'number: /health answers this many ms later, for the share below (all when no share is set)',
  'health-latency-share': 'number 0–1: the share of /health requests that health-latency-ms delays',
  'health-body': 'true: /health answers 200 with a JSON of another shape',
  'health-kept': 'true: /health gives for ever the answer it gave first',
  'health-status': 'number: /health answers with this status code, for example 503',
  revision: 'string: /health names this revision instead of the deployed one',
  'trpc-error-shape': 'true: tRPC errors are plain text instead of the agreed JSON',
  'trpc-unknown-ok': 'true: an unknown procedure answers 200 with a result',
  'trpc-bad-input-500': 'true: input that fails validation answers 500 instead of 400',
  'trpc-batch-off': 'true: a batch of procedures answers 404',
  'trpc-public-broken': 'true: public queries (assetClasses.list, health.*) answer 500',
  'cors-lookalikes': 'true: every origin whose name begins like one of the four sites is allowed as well',
  'cors-off': 'true: no origin is allowed any more; no CORS header is sent',
  'login-broken': 'true: every sign-in ends as with a wrong password',
  'sign-up-broken': 'true: auth.register answers 500',
  'login-silent':
    'true: a refused sign-in sends the browser on as if it had worked, without a session and without an error',
  'login-tells': 'true: a refused sign-in says whether the address or the password was wrong',
  'login-tells-api':
    'true: auth.login and the address a refused sign-in leads to tell whether the address or the password was wrong; the page does not',
  'weak-password-accepted': 'true: auth.register takes any password of eight characters from whoever is no browser',
  'verify-unwritten': 'true: auth.verifyEmail answers as if it had verified the address, and does not',
  'lock-ms': 'number: five wrong passwords lock an account for so many ms',
  'lock-one-way': 'true: wrong passwords given to auth.login are not counted, and it does not look at locks',
  'mfa-page-only': 'true: a second factor is only asked of whoever signs in at a page, or sends a code',
  'lock-off': 'true: wrong passwords are not counted, so no account is ever locked',
  'mfa-skipped': 'true: the right password is enough, second factor or not',
  'mfa-enable-broken': 'true: no code is right when a second factor is enabled',
  'backup-code-reusable': 'true: a backup code is not used up',
  'reset-token-reusable': 'true: a token for a new password works again and again',
  'reset-keeps-sessions': 'true: whoever is signed in stays so when the password is reset',
  'sign-out-keeps': 'true: signing out takes the cookie away and leaves the session valid',
  'oauth-broken': 'true: signing in with Google or Microsoft ends with an error',
  'oauth-anew': 'true: whoever comes again from a provider finds an account made anew in the place of theirs',
  'verified-unproven': 'true: an address counts as verified from its registration on',
  'session-cookie-short': 'true: the cookie of a new session is gone after two seconds',
  'settings-not-saved': 'true: widgets.update answers as if it had saved, and saves nothing',
  'profile-not-saved': 'true: users.updateMe answers without an error, and saves nothing',
  'session-store-off': 'true: sessions are no longer kept in Redis, only in the database',
  'api-latency-ms': 'number: every tRPC query but search answers this many ms later, for the share below',
  'api-latency-share': 'number 0–1: the share of tRPC queries that api-latency-ms delays',
  'search-latency-ms': 'number: knowledge.search answers this many ms later, for the share below',
  'search-latency-share': 'number 0–1: the share of searches that search-latency-ms delays',
  'chat-latency-ms': 'number: chat.sendMessage answers this many ms later, for the share below',
  'chat-latency-share': 'number 0–1: the share of chat questions that chat-latency-ms delays',
  'chat-silent-share': 'number 0–1: the share of chat questions that are accepted and never answered',
  'chat-wrong-share': "number 0–1: the share of chat questions answered with somebody else's question and answer",
  'chat-unstored-share': 'number 0–1: the share of chat answers given as if stored, and neither question nor answer is',
  'chat-doubled-share': 'number 0–1: the share of chat answers that are stored twice',
  'failed-left-behind': 'true: a question that could not be answered stays in the conversation',
  'stream-broken': 'true: every streamed answer ends with an error at once',
  'stream-whole': 'true: nothing of a streamed answer comes before it is complete',
  'stream-piece-lost': 'true: one piece of each streamed answer is left out',
  'answer-told-half': 'true: an answer is told up to its half, whichever way it is told, and stored whole',
  'stream-cut': 'true: a streamed answer stops in the middle and never completes',
  'tier-wrong': 'true: easy questions are answered by the dearest model and hard ones by the cheapest',
  'cost-unrecorded': 'true: answers report no tokens and no cost, and none are recorded',
  'embeddings-off': 'true: knowledge.upload and knowledge.search answer 500, as where nobody has a key for embeddings',
  'search-unranked': 'true: what a search finds comes in the order of its age, newest first',
  'search-blind': 'true: documents of the last hour are found neither by search nor for answers',
  'citation-missing': 'true: answers do not name the documents they rest on',
  'citation-wrong': 'true: answers name documents that do not exist',
  'upload-lost': 'true: knowledge.upload answers as if it had stored the document, and stores nothing',
  'upload-mangled': 'true: knowledge.upload stores every byte of a text as a letter of its own',
  'upload-first-piece': 'true: of a document that is uploaded only the first piece can be found',
  'upload-cut': 'true: knowledge.upload stores the first 40 characters alone',
  'list-totals-wrong': 'true: lists count one more than there is',
  'list-pages-overlap': 'true: every page but the first begins with the last row of the page before',
  'list-wrong':
    'string: users-unsearched, widgets-miscounted, messages-stuck (every page is the first) or sessions-unordered: what one list does wrong',
  'list-filters-ignored': 'true: lists of users, sessions and documents ignore their filters',
  'foreign-sessions-listed': "true: sessions.list shows every tenant's sessions",
  'foreign-documents-listed': "true: knowledge.list shows every tenant's documents",
  'foreign-documents-found': "true: knowledge.search finds every tenant's documents",
  'foreign-listed':
    "string: the list of this router (widgets, apiKeys, endUsers, escalations or surveys) shows every tenant's",
  'foreign-counted':
    "string: the escalations.getStats (escalations) or analytics.getCostAnalysis (analytics) that counts every tenant's",
  'foreign-questions': "true: chat.sendMessage answers in other tenants' sessions, from what was said there",
  'foreign-uploads': "true: chat.uploadChatFile adds a file to any tenant's session",
  'api-keys-ignored': 'true: X-Api-Key is not read',
  'api-keys-for-ever': 'true: API keys that are revoked or expired still open',
  'api-keys-unscoped': 'true: every API key may do everything',
  'cost-event-missing': 'true: an answer tells its cost, and the table of cost events gets no row',
  'refused-too-late':
    "true: whoever changes another tenant's document or session, or writes into it, is refused after it was done",
  'foreign-files': "true: chat.getChatFile opens other tenants' files",
  'anonymous-reads': 'true: whoever knows the id of an escalation or a survey reads all of it without a session',
  'escalation-silent': 'true: nobody is told of an escalation',
  'escalation-unresolved': 'true: escalations.resolve answers as if it had resolved, and writes no time of it',
  'escalation-unlisted': 'true: no escalation is listed',
  'answers-apart': 'true: questions to the AI and its answers do not reach the room of their session',
  'reply-lost': "true: a human's reply is accepted and reaches neither the conversation nor the customer",
  'survey-fallback-off': 'true: a survey without an answer goes on to no other tier',
  'survey-hasty': 'true: the delays between the tiers of a survey are taken for milliseconds',
  'survey-at-once': 'true: a survey nobody answered goes out by all other tiers at once',
  'survey-doubled': 'true: whatever a survey sends, it sends twice',
  'survey-link-broken': 'true: the link of a survey names no session',
  'survey-page-gone': 'true: there is no page behind the links of surveys',
  'survey-page-empty': 'true: the links of surveys lead to a page that answers 200 and asks nothing',
  'survey-refusal-lost': 'true: surveys.refuse answers as if it had kept the refusal, and keeps nothing',
  'customers-need-session':
    'true: what customers call without a session (surveys, escalations, endUsers.createOrGet) answers 500 to whoever has none',
  'survey-tier-dead': 'string: surveys reach this tier (ai_call, sms_link or email_link) and nothing is sent by it',
  'errors-share': 'number 0–1: the share of all tRPC requests that answer 500',
  'answers-cut-share': 'number 0–1: the share of all tRPC requests whose connection is closed without an answer',
  'error-in-207-share': 'number 0–1: the share of batches in which one call turns into an error inside a 207',
  'wrong-session-share': 'number 0–1: the share of sessions.get that answer with another session of the tenant',
  'tenant-for-connection': 'true: the tenant is set for a whole pooled connection, not for one transaction',
  'tenant-set-once':
    'true: for reading, the tenant is set on a pooled connection that has none yet, and stays for whoever gets it next',
  'tenant-kept-by':
    'string: the tenant of a caller that has gone ("gone"), or of a statement that was cancelled ("cancelled"), stays with the connection, and whoever reads next is served as that tenant',
  'tenant-left-by-cancelled':
    'true: after a cancelled statement the tenant is set for the connection, and nobody takes it back',
  'rows-left-on-connection': "true: whoever writes leaves a cursor over the tenant's rows open on the connection",
  'tenant-as-service': "true: a tenant's work is done as the service role, which row level security does not bind",
  'timers-faster':
    'number: for rehearsals in scaled time; streams of rooms, counted calls and sessions in Redis are forgotten so many times sooner',
  'leak-memory-bytes-per-second': 'number: the process keeps this many bytes more every second',
  'leak-connections-every-ms':
    'number: every so many ms a connection to the database and six to Redis are opened and never closed',
  'burn-more-each-second':
    'number 0–1: the share of the time the processor is kept busy for nothing grows by this much every second',
  freeze: '{everyMs, forMs}: the whole process stands still for forMs every everyMs',
  'limits-low': 'true: a signed-in user has three calls in ten seconds, so legitimate users get 429',
  'limits-off': 'true: nothing is rate limited',
  'csrf-off': 'true: mutations are accepted without a bound CSRF token',
  'tokens-in-answers': 'true: verification and reset tokens come back in the answer',
  'idle-off': 'true: a session never ends for being idle',
  'live-token-wrong-room': 'true: livekit.getToken grants another room than the one asked for',
  'live-token-room-each': 'true: livekit.getToken names the room of a meeting after the user as well',
  'live-token-no-screen': 'true: livekit.getToken does not grant the sharing of a screen',
  'live-token-forged': 'true: livekit.getToken signs with another secret',
});

const realtime = rows('realtime', {
  'timers-faster':
    'number: for rehearsals in scaled time; streams of rooms, counted calls and sessions in Redis are forgotten so many times sooner',
  'refuse-all': 'true: every connection is closed with 1008, the cookie good or bad',
  'accept-bad-token': 'true: a connection with a missing or forged cookie is accepted',
  'no-ack': 'true: no ack is sent, neither after connecting nor for a message',
  'no-pong': 'true: ping is not answered',
  'connect-latency-ms': 'number: the first ack comes this many ms later, for the share below',
  'connect-latency-share': 'number 0–1: the share of connections that connect-latency-ms delays',
  'message-latency-ms': 'number: a chat message is delivered this many ms later, for the share below',
  'message-latency-share': 'number 0–1: the share of messages that message-latency-ms delays',
  'message-lost-share': 'number 0–1: the share of messages acknowledged and stored but never delivered',
  'message-unstored-share': 'number 0–1: the share of messages acknowledged and delivered but never stored',
  'messages-race-ms':
    'number: messages of one sender are stored side by side, each within so many ms more, and told in the order in which that ends',
  'message-doubled-share': 'number 0–1: the share of messages delivered twice',
  'streams-off': 'true: messages travel by publish and subscribe alone; no stream is written, nothing can be replayed',
  'groups-off': 'true: streams are read without a consumer group',
  'replay-whole': 'true: a client that reconnects is sent all messages of the room, wherever it wants to go on',
  'replay-keeps': 'number: a replay holds this many messages at most, the last ones',
  'replay-keeps-ms': 'number: a replay holds the messages of the last so many ms alone',
  'resumed-deaf': 'true: a client that reconnects gets its replay and no message after that',
  'no-replay': 'true: nothing is replayed to a client that reconnects',
  deaf: 'true: messages accepted by another instance are not delivered here',
  'sockets-kept': 'true: a socket stays open when the session it was opened with ends',
  'close-code':
    'number: every open socket is closed with this code 500 ms after it connects, and those already open at once',
  'wrong-room':
    'true: a message is delivered to every room of the instance; "remote": to every room of the other instances',
  'sender-mixed': 'true: a message names the one who gets it as who said it',
  'health-status': 'number: GET /health answers with this status code',
  'old-cookies-only':
    'true: only the cookie names next-auth.session-token and __Secure-next-auth.session-token are read',
  'origin-off': 'true: the Origin header is not checked',
  'room-refused-in-words':
    "true: who asks for another tenant's room is sent an error instead of the first ack, and is in the room",
  'room-unchecked': "true: any signed-in user may join any room, other tenants' included",
});

const web = rows('web', {
  'site-down': 'site name, or true for all: its connections are cut without an answer',
  'http-status': '{site, code}: every page of the site answers with this status code',
  'asset-missing': 'site name, or true for all: its script answers 404',
  'spa-off': 'site name, or true for all: an unknown path answers 404 instead of the index page',
  'headers-missing': 'header name, or a list of names: left out of every answer',
  'cache-html': 'true: HTML may be cached for an hour',
  'cache-assets-short': 'true: hashed assets may be cached for a minute only',
  'gzip-off': 'true: nothing is compressed',
  'storage-off': 'site name, or true for all: what its pages want to keep in the browser is not kept',
  'alerts-hidden': 'site name, or true for all: whatever a page reports as an alert is invisible',
  'fields-snap-back':
    'site name, or true for all: what one types into the forms of profile and settings is put back at once',
  'settings-kept-here': 'site name, or true for all: the settings are kept in the browser, and shown from there',
  'cookies-dropped': 'site name, or true for all: calls through the site reach the API without cookies',
  'lists-shared': 'true: lists that one user asked for through a site are handed to everybody who asks for the same',
  'redirect-off': 'true: the plain HTTP port serves the page instead of redirecting',
  'meeting-defect':
    'string: people-wrong, leave-unseen, mute-unseen, chat-lost, chat-agent-only, screen-black or microphone-dies: what the meeting page does wrong',
  'bundle-bloat': 'number: every page loads this many KB (compressed) more of script',
  'tls-expired': 'true: serves a certificate that expired yesterday',
  'tls-wrong-name': 'true: serves a certificate for another name',
  'tls-untrusted': 'true: serves a certificate that no known authority signed',
});

const agent = rows('agent', {
  'never-joins': 'true: the agent joins no meeting any more',
  'mute-text': 'true: what is written to the agent is not answered',
  'mute-voice': 'true: what is said to the agent is not answered',
  'text-only': 'true: the agent has no voice; no defect',
  greets: 'true: the agent says hello in writing and aloud when it has come; no defect',
  'reads-aloud': 'true: the agent reads what it writes aloud; no defect',
  'errors-logged': 'number: the agent writes so many errors to its log, once',
  'lines-logged': 'number: the agent writes so many harmless lines to its log, once; no defect',
});

const models = rows('models', {
  'latency-ms': 'number: every answer takes this long, whatever the tier',
  'fail-share': 'number 0–1: the share of requests answered 500',
  down: 'true: connections are cut without an answer',
});

const stubs = rows('stubs', {
  'email-fails': 'true: the mail provider refuses every message',
  'sms-fails': 'true: the provider of text messages refuses every message',
  'call-fails': 'true: no call can be placed',
  'alerts-swallowed': 'true: a threshold is crossed and no alert is told',
});

/** Every switch there is; a test holds it against what the processes read. */
export const switchRows: readonly SwitchRow[] = [...api, ...realtime, ...web, ...models, ...stubs, ...agent];

/** The defects of the platform as it was built, as far as our processes have them. */
export const asBuilt: Readonly<Record<SwitchRow['service'], Readonly<Record<string, unknown>>>> = {
  api: on(
    ...[
      'tokens-in-answers',
      'csrf-off',
      'limits-off',
      'idle-off',
      'reset-keeps-sessions',
      'mfa-enable-broken',
      'oauth-broken',
    ],
    ...[
      'stream-broken',
      'cost-event-missing',
      'anonymous-reads',
      'survey-fallback-off',
      'escalation-silent',
      'api-keys-ignored',
    ],
  ),
  realtime: {
    'streams-off': true,
    'no-replay': true,
    'origin-off': true,
    'room-unchecked': true,
    'old-cookies-only': true,
    'health-status': 426,
  },
  web: { 'headers-missing': ['content-security-policy', 'strict-transport-security'] },
  models: {},
  stubs: {},
  agent: {},
};

function on(...names: string[]): Readonly<Record<string, true>> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function rows(service: SwitchRow['service'], effects: Readonly<Record<string, string>>): SwitchRow[] {
  return Object.entries(effects).map(([name, effect]) => ({ service, name, effect }));
}
