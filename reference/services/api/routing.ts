export interface Model {
  readonly name: string;
  readonly tier: 'fast' | 'balanced' | 'powerful';
  readonly provider: string;
  /** US dollars a million tokens. */
  readonly inputUsd: number;
  readonly outputUsd: number;
}

const models = {
  fast: { name: 'gemini-1.5-flash', tier: 'fast', provider: 'google', inputUsd: 0.075, outputUsd: 0.3 },
  balanced: { name: 'gpt-4o-mini', tier: 'balanced', provider: 'openai', inputUsd: 0.15, outputUsd: 0.6 },
  powerful: { name: 'claude-3-5-sonnet-20241022', tier: 'powerful', provider: 'anthropic', inputUsd: 3, outputUsd: 15 },
} as const satisfies Record<Model['tier'], Model>;

export function route(score: number): Model {
  if (score < 0.4) return models.fast;
  return score < 0.7 ? models.balanced : models.powerful;
}

/** A planted fault: easy questions go to the dearest model and hard ones to the cheapest. */
export const wrongModel = (score: number): Model => (score < 0.4 ? models.powerful : models.fast);

/** What every answer would cost had it come from the most powerful model. */
export const dearestUsd = (inputTokens: number, outputTokens: number): number =>
  priceUsd(models.powerful, inputTokens, outputTokens);

/** To six decimals; the session's total keeps four. */
export const priceUsd = (model: Model, inputTokens: number, outputTokens: number): number =>
  Math.round(inputTokens * model.inputUsd + outputTokens * model.outputUsd) / 1e6;

const hardWords =
  /\b(analy[sz]e|architecture|compare|contrast|derive|design|evaluate|explain|implications?|justify|optimi[sz]e|prove|reason|refactor|step by step|strategy|synthesi[sz]e|trade-?offs?|why)\b/gi;

/** How hard a question looks, from 0 to 1: its length, what it asks for, how many things at once, and whether it carries code. */
export function complexity(question: string) {
  const words = question.split(/\s+/).filter(Boolean).length;
  const factors = {
    length: Math.min(0.3, words / 200),
    hardWords: Math.min(0.45, 0.15 * (question.match(hardWords)?.length ?? 0)),
    parts: Math.min(0.15, 0.05 * ((question.match(/[?;]|\b(and then|first|second|finally)\b/gi)?.length ?? 1) - 1)),
    code: /```|[{};]\s*$/m.test(question) ? 0.2 : 0,
  };
  const score =
    Math.round(
      Math.max(
        0,
        Math.min(
          1,
          Object.values(factors).reduce((sum, one) => sum + one, 0),
        ),
      ) * 100,
    ) / 100;
  return { level: score < 0.4 ? 'simple' : score < 0.7 ? 'moderate' : 'complex', score, factors } as const;
}
