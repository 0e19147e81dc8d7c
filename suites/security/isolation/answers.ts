import type { BodyContext } from '../../../runners/body.ts';
import type { Storm } from './storm.ts';

export interface Storms {
  readonly all: readonly Storm[];
  readonly cutOff: Storm;
  /** Statements of the API that were cancelled while it was asked; null: none may be. */
  readonly cancelled: number | null;
}

/** That nothing of another's came says something only where one's own came: a refusal holds nothing of anybody's. */
export function judgeAnswers(context: BodyContext, { all, cutOff, cancelled }: Storms): void {
  const sum = (of: (one: Storm) => number) => all.reduce((total, one) => total + of(one), 0);
  const [asked, answered, limited] = [sum((s) => s.asked), sum((s) => s.answered), sum((s) => s.limited)];
  const own = sum((s) => s.own);
  const odd = all.flatMap((one) => [...one.odd].map(([what, times]) => `${what} ${times} times`));
  if (odd.length > 0) context.note('answers that were neither own data nor a refusal', odd.slice(0, 6).join('; '));
  const statements = cancelled === null ? '' : `, ${cancelled} statements cancelled`;
  const observed = `${answered} of ${asked} requests answered, ${own} with a tenant's own, ${cutOff.cutOff} cut off${statements}, ${limited} refused by a limit: none with anything of another's`;
  const needs = [
    ...(answered - limited < asked / 3
      ? [`an API that answers: only ${answered - limited} of ${asked} requests in turns got an answer`]
      : []),
    ...(own < asked / 8
      ? [`an API that answers: only ${own} of ${asked} requests in turns brought a tenant its own`]
      : []),
    ...(cutOff.cutOff < fewest ? [`requests cut off half-way: ${cutOff.cutOff} were, ${fewest} tell something`] : []),
    ...(cancelled === 0 ? ['a statement of the API that could be cancelled: none was met under way'] : []),
  ];
  if (needs.length === 0) context.holds('answers', { observed });
  else context.unmet(needs.join('; '), 'answers');
}

/** So many are aimed at; of cancelled statements one is evidence, where no more could be met. */
export const fewest = 5;
