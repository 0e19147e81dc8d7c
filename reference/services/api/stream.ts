import type { Switches } from '../common/switches.ts';
import { type Asker, answerQuestion, type Question } from './answer.ts';
import type { Message } from './messages.ts';
import { shown } from './shown.ts';

type Told =
  | { readonly type: 'user_message'; readonly message: ReturnType<typeof shown>['userMessage'] }
  | { readonly type: 'token'; readonly content: string }
  | ({ readonly type: 'complete' } & ReturnType<typeof shown>)
  | { readonly type: 'error'; readonly message: string };

/** The answer goes on to its end and is stored although nobody may be listening any more. */
export async function* told(who: Asker, question: Question): AsyncGenerator<Told> {
  const { switches } = who.deployment;
  if (switches.on('stream-broken')) return yield { type: 'error', message: 'The answer failed' };
  const queue = new Queue<Told>();
  const listener = {
    onQuestion: (asked: Message) => queue.add(questionShown(asked)),
    onPiece: pieceWise(switches, queue),
  };
  answerQuestion(who, question, listener)
    .then((answer) => !switches.on('stream-cut') && queue.add({ type: 'complete', ...shown(answer) }))
    .catch((error) => queue.add({ type: 'error', message: reason(error) }))
    .finally(() => queue.end());
  yield* queue;
}

function questionShown({ id, role, content, attachments, timestamp }: Message): Told {
  return { type: 'user_message', message: { id, role, content, attachments, timestamp } };
}

function pieceWise(switches: Switches, queue: Queue<Told>): (content: string) => void {
  let count = 0;
  return (content) => {
    count += 1;
    const missing =
      switches.on('stream-whole') ||
      (switches.on('stream-piece-lost') && count === 3) ||
      (switches.on('stream-cut') && count > 3);
    if (!missing) queue.add({ type: 'token', content });
  };
}

/** What the caller did wrong is told; what went wrong with us is not. */
function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return (code === 'BAD_REQUEST' || code === 'NOT_FOUND') && message ? message : 'The answer failed';
}

/** What is put in comes out in order, waiting for more until the end. */
class Queue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #over = false;
  #wake: () => void = () => {};

  add(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (!this.#over || this.#items.length > 0) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
