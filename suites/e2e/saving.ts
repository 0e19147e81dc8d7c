/** What one answer used and cost; the model names itself, or its tier does. */
export interface Priced {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  readonly costUsd: number;
}

/** US dollars a token. */
interface Price {
  readonly inputUsd: number;
  readonly outputUsd: number;
}

/** What providers ask for a token of output, in tokens of input: between as much and eight times as much. */
const ratios = Array.from({ length: 15 }, (_, i) => 1 + i / 2);
/** Costs are stated to so many decimals, so that an estimate of the outermost ratio may lie a little beyond it. */
const rounding = 1.01;
/** Below it the tokens of a model's answers grow together, and their prices cannot be told apart. */
const leastIndependence = 0.01;

/**
 * The mean over the answers of what each saved against the dearest model of the run, from 0 to 1: what its own tokens would have
 * cost there. That model's prices are estimated from its answers; where these leave a range, the largest saving in it. Null
 * without an answer that cost something.
 */
export function savingOf(answers: readonly Priced[]): number | null {
  const used = answers.filter(({ input, output, costUsd }) => input + output > 0 && costUsd > 0);
  const models = [...new Set(used.map(({ model }) => model))];
  const prices = models.flatMap((model) => pricesOf(used.filter((one) => one.model === model)));
  const savings = prices.map((price) => meanSaving(used, price));
  return savings.length === 0 ? null : Math.max(...savings);
}

function meanSaving(answers: readonly Priced[], { inputUsd, outputUsd }: Price): number {
  const each = answers.map(({ input, output, costUsd }) => 1 - costUsd / (input * inputUsd + output * outputUsd));
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}

/** Prices that explain what a model's answers cost: the least squares, or one for each ratio where they do not tell. */
function pricesOf(answers: readonly Priced[]): readonly Price[] {
  const sum = (of: (one: Priced) => number) => answers.reduce((all, one) => all + of(one), 0);
  const [ii, oo, io] = [sum((a) => a.input ** 2), sum((a) => a.output ** 2), sum((a) => a.input * a.output)];
  const [ic, oc] = [sum((a) => a.input * a.costUsd), sum((a) => a.output * a.costUsd)];
  const determinant = ii * oo - io * io;
  if (determinant > leastIndependence * ii * oo) {
    const price = { inputUsd: (oo * ic - io * oc) / determinant, outputUsd: (ii * oc - io * ic) / determinant };
    const ratio = price.outputUsd / price.inputUsd;
    if (price.inputUsd > 0 && ratio * rounding >= ratios[0]! && ratio <= ratios.at(-1)! * rounding) return [price];
  }
  return ratios.map((ratio) => {
    const inputUsd = (ic + ratio * oc) / (ii + 2 * ratio * io + ratio * ratio * oo);
    return { inputUsd, outputUsd: ratio * inputUsd };
  });
}
