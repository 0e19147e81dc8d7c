import { mutate, Refusal, refusalOf, searchOf, send } from '../api.ts';

/** A question to the assistant; the answer is handed over while it is being written. */

export interface Answer {
  readonly userMessage: Told;
  readonly assistantMessage: Told & { readonly metadata?: AnswerMetadata | null };
}

export interface Told {
  readonly id: string;
  readonly content: string;
  readonly timestamp: string;
}

export interface AnswerMetadata {
  readonly model?: string;
  readonly tokensUsed?: number;
  readonly costUsd?: number;
  readonly rag?: { readonly chunks?: readonly { readonly source: string; readonly content: string }[] };
}

interface Piece {
  readonly type?: string;
  readonly token?: string;
  readonly content?: string;
  readonly error?: string;
  readonly message?: string;
  readonly userMessage?: Answer['userMessage'];
  readonly assistantMessage?: Answer['assistantMessage'];
}

export interface Question {
  readonly sessionId: string;
  readonly content: string;
}

/** Streamed where the API can; one that has no stream answers in one piece. `onText` gets the text so far. */
export async function ask(question: Question, onText: (soFar: string) => void, signal: AbortSignal): Promise<Answer> {
  const answer = await send(`/trpc/chat.streamMessage${searchOf(question)}`, {
    headers: { accept: 'text/event-stream' },
    signal,
  });
  if (answer.ok && answer.body) return read(answer.body, onText);
  if (answer.status === 404 || answer.status === 405) return askAtOnce(question, answer);
  const said = await answer.json().catch(() => undefined);
  throw refusalOf(answer.status, said?.error?.data?.code, said?.error?.message ?? said?.message);
}

async function askAtOnce(question: Question, refused: Response): Promise<Answer> {
  const said = await refused.json().catch(() => undefined);
  // A session that does not exist is 404 as well, and asking again would not help.
  if (!/procedure|method/i.test(said?.error?.message ?? 'procedure'))
    throw refusalOf(404, 'NOT_FOUND', said.error.message);
  return mutate<Answer>('chat.sendMessage', question);
}

async function read(body: ReadableStream<Uint8Array>, onText: (soFar: string) => void): Promise<Answer> {
  let text = '';
  let userMessage: Told | undefined;
  for await (const { event, data } of events(body)) {
    if (event === 'serialized-error') throw failed(data);
    const piece = (data ?? {}) as Piece;
    if (piece.type === 'error') throw new Refusal('FAILED', piece.error ?? piece.message ?? 'The answer broke off.');
    if (piece.type === 'user_message') userMessage = piece.userMessage ?? (data as { message?: Told }).message;
    if (piece.type === 'token') {
      text += piece.token ?? piece.content ?? '';
      onText(text);
    }
    if (piece.type === 'complete') return whole(piece, userMessage, text);
  }
  throw new Refusal('FAILED', 'The answer broke off. Please try again.');
}

function whole(piece: Piece, userMessage: Told | undefined, text: string): Answer {
  const now = new Date().toISOString();
  const said = piece.assistantMessage ?? (piece as { message?: unknown }).message;
  const assistantMessage =
    typeof said === 'object' && said
      ? (said as Answer['assistantMessage'])
      : { id: `answer-${now}`, content: text, timestamp: now };
  const asked = piece.userMessage ?? userMessage;
  return { userMessage: asked ?? { id: `question-${now}`, content: '', timestamp: now }, assistantMessage };
}

function failed(data: unknown): Refusal {
  const { message, data: about } = (data ?? {}) as { message?: string; data?: { code?: string } };
  return refusalOf(400, about?.code, message);
}

interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Server-sent events as they stand in the HTML standard, section 9.2: blocks of `name: value` lines, divided by empty lines. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader() as ReadableStreamDefaultReader<string>;
  let rest = '';
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) yield eventOf(block);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function eventOf(block: string): ServerEvent {
  const values = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim());
  const text = values('data').join('\n');
  return { event: values('event')[0] ?? 'message', data: text ? JSON.parse(text) : undefined };
}
