import { randomUUID } from 'node:crypto';
import type { Sql } from '../common/database.ts';
import type { SessionUser } from '../common/sessions.ts';
import type { Switches } from '../common/switches.ts';
import type { Deployment } from './deployment.ts';
import { announce, type Message, store } from './messages.ts';
import { type Completed, complete } from './provider.ts';
import { type Chunk, retrieve } from './retrieval.ts';
import { open } from './routers/sessions.ts';
import { complexity, type Model, priceUsd, route, wrongModel } from './routing.ts';
import { badRequest } from './trpc.ts';

export interface Asker {
  readonly deployment: Deployment;
  readonly user: SessionUser;
  inTenant<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

export interface Question {
  readonly sessionId: string;
  readonly content: string;
  readonly attachments: unknown;
}

/** What is told while the answer comes about. */
export interface Listener {
  /** The question was taken up; it is stored together with its answer. */
  readonly onQuestion: (message: Message) => void;
  readonly onPiece: (text: string) => void;
}

/**
 * Looks things up, asks the model, then stores question and answer together. No transaction is open while the model thinks,
 * so slow answers use up no connections; and a question that could not be answered leaves nothing behind.
 */
export async function answerQuestion(who: Asker, question: Question, listener?: Listener) {
  const { switches } = who.deployment;
  const started = performance.now();
  const asked = taken(question);
  const { history, chunks, ragMs } = await who.inTenant((sql) => context(sql, question, switches));
  listener?.onQuestion(asked);
  const level = complexity(question.content);
  const model = switches.on('tier-wrong') ? wrongModel(level.score) : route(level.score);
  const answered = await completed(who, asked, () =>
    complete(who.deployment, model, prompt(history, chunks, question.content), listener?.onPiece),
  );
  const usage = counted(model, answered, switches.on('cost-unrecorded'));
  const latencyMs = Math.round(performance.now() - started);
  const metadata = {
    ...describe(model, level, cited(chunks, switches)),
    ...flat(usage, latencyMs, chunks),
    performance: { totalLatencyMs: latencyMs, ragLatencyMs: ragMs },
  };
  const both = told(await kept(who, { asked, content: answered.content, metadata, model, usage }), switches);
  await announce(who, both.userMessage);
  await announce(who, both.assistantMessage);
  return { ...both, usage };
}

/** A planted fault: what is told of an answer ends in its middle. */
function told<Both extends { readonly assistantMessage: Message }>(both: Both, switches: Switches): Both {
  if (!switches.on('answer-told-half')) return both;
  const { content } = both.assistantMessage;
  return { ...both, assistantMessage: { ...both.assistantMessage, content: content.slice(0, content.length / 2) } };
}

async function context(sql: Sql, { sessionId, content }: Question, switches: Switches) {
  await open(sql, sessionId);
  const started = performance.now();
  const chunks = await retrieve(sql, content, { limit: 5, minScore: 0.62 }, switches);
  const ragMs = Math.round(performance.now() - started);
  const latest = await sql.rows<Pick<Message, 'role' | 'content'>>(
    'messages-latest',
    `SELECT role, content FROM messages WHERE session_id = $1 ORDER BY "timestamp" DESC, id LIMIT 20`,
    [sessionId],
  );
  return { chunks, ragMs, history: latest.reverse() };
}

function prompt(history: readonly Pick<Message, 'role' | 'content'>[], chunks: readonly Chunk[], question: string) {
  const sources = chunks.map((chunk) => `[source ${chunk.documentId}] ${chunk.content.replaceAll('\n', ' ')}`);
  const system = ['You are a helpful assistant. Answer from the sources where they say something.', ...sources].join(
    '\n',
  );
  return [{ role: 'system', content: system }, ...history, { role: 'user', content: question }];
}

const taken = ({ sessionId, content, attachments }: Question): Message => ({
  id: randomUUID(),
  sessionId,
  role: 'user',
  content,
  attachments,
  metadata: {},
  timestamp: new Date(),
});

/** A planted fault: the question stays although no answer came. */
async function completed(who: Asker, asked: Message, work: () => Promise<Completed>): Promise<Completed> {
  try {
    return await work();
  } catch (error) {
    if (who.deployment.switches.on('failed-left-behind')) await who.inTenant((sql) => store(sql, asked));
    throw error;
  }
}

interface Answered {
  readonly asked: Message;
  readonly content: string;
  readonly metadata: unknown;
  readonly model: Model;
  readonly usage: Usage;
}

/** Question, answer and what it cost, all of it or nothing. */
async function kept(who: Asker, { asked, content, metadata, model, usage }: Answered) {
  const { sessionId } = asked;
  // The answer is later than its question even within one millisecond, or the list could turn them round.
  const timestamp = new Date(Math.max(Date.now(), asked.timestamp.getTime() + 1));
  const answer = {
    id: randomUUID(),
    sessionId,
    role: 'assistant' as const,
    content,
    attachments: [],
    metadata,
    timestamp,
  };
  const { switches } = who.deployment;
  if (switches.hit('chat-unstored-share')) return { userMessage: asked, assistantMessage: answer };
  return who.inTenant(async (sql) => {
    await bill(sql, sessionId, usage);
    if (usage.totalTokens > 0 && !switches.on('cost-event-missing'))
      await note(sql, who.user.tenantId, sessionId, model, usage);
    const both = { userMessage: await store(sql, asked), assistantMessage: await store(sql, answer) };
    if (switches.hit('chat-doubled-share')) await store(sql, { ...answer, id: randomUUID() });
    return both;
  });
}

/** The session's total keeps four decimals, the event all six. */
async function bill(sql: Sql, sessionId: string, usage: Usage): Promise<void> {
  const open = await sql.first(
    'sessions-bill',
    'UPDATE sessions SET cost_usd = cost_usd + $2::numeric WHERE id = $1 AND ended_at IS NULL RETURNING 1',
    [sessionId, usage.cost],
  );
  if (!open) throw badRequest('This session has ended');
}

async function note(sql: Sql, tenantId: string, sessionId: string, model: Model, usage: Usage): Promise<void> {
  await sql.rows(
    'cost-event',
    `INSERT INTO cost_events (tenant_id, session_id, service, provider, model, input_tokens, output_tokens, cost_usd)
     VALUES ($1, $2, 'chat', $3, $4, $5, $6, $7)`,
    [tenantId, sessionId, model.provider, model.name, usage.inputTokens, usage.outputTokens, usage.cost],
  );
}

/** Planted faults: the answer does not say what it rests on, or names something else. */
function cited(chunks: readonly Chunk[], switches: Switches): readonly Chunk[] {
  if (switches.on('citation-missing')) return [];
  return switches.on('citation-wrong') ? chunks.map((chunk) => ({ ...chunk, documentId: randomUUID() })) : chunks;
}

function describe(model: Model, level: ReturnType<typeof complexity>, chunks: readonly Chunk[]) {
  return {
    model: model.name,
    modelRouting: {
      selectedModel: model.name,
      modelTier: model.tier,
      provider: model.provider,
      reasoning: `complexity ${level.score} is ${level.level}`,
      fallbacksAvailable: 0,
      wasEscalated: false,
      attemptNumber: 1,
    },
    complexity: level,
    confidence: 0.85,
    rag: {
      chunksRetrieved: chunks.length,
      topRelevance: chunks[0]?.score ?? 0,
      method: 'vector',
      rerankingApplied: false,
      chunks: chunks.map(({ id, content, score, documentId }) => ({ id, content, score, source: documentId })),
    },
  };
}

interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cost: number;
}

function flat(usage: Usage, latencyMs: number, chunks: readonly Chunk[]) {
  const { inputTokens, outputTokens, totalTokens, cost } = usage;
  return {
    cost: { total: cost, inputTokens, outputTokens },
    tokensUsed: totalTokens,
    costUsd: cost,
    latencyMs,
    ragChunksRetrieved: chunks.length,
  };
}

function counted(model: Model, { usage }: Completed, lost: boolean): Usage {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: totalTokens } = usage;
  if (lost) return { inputTokens: 0, outputTokens: 0, totalTokens: 0, cost: 0 };
  return { inputTokens, outputTokens, totalTokens, cost: priceUsd(model, inputTokens, outputTokens) };
}
