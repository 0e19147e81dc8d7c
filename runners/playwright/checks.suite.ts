import { test as base } from '@playwright/test';
import { installGuard } from '../../environment/sockets.ts';
import { requestsSpent } from '../../environment/spending.ts';
import { isBrowserWorker, wireAddress } from '../../environment/surroundings.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { Body, BodyContext } from '../body.ts';
import { runBody } from '../context.ts';
import { type Journey, type JourneyBody, JourneyBroke, Steps } from '../journey.ts';
import type { PlannedCheck } from '../vitest/messages.ts';
import { browserStarvedAt, leastMs } from './patience.ts';
import { NoBrowser, Stage } from './stage.ts';
import { callRun, type Line } from './wire.ts';

/** Runs inside the browser runner: one test a planned check, whose body stands in `suites/e2e/NAME.ts`. */
const address = wireAddress();
if (address === null)
  throw new Error(
    'this suite is started by "shakedown e2e --env FILE"; with --ui or --debug it opens the runner\'s own tools',
  );

const inWorker = isBrowserWorker();
const line: Line = await callRun(address, inWorker ? 'worker' : 'loader');
const { order } = line;
const clock = runClock(order.origin);
const emit = (entry: Entry): void => line.say({ type: 'entry', entry });

if (inWorker) installGuard(order.environment, { onRefused: (refused) => refuse(refused.message) });

function refuse(detail: string): void {
  const atMs = clock.now();
  emit({ kind: 'ours', what: 'egress-refused', fromMs: atMs, toMs: atMs, detail, spoils: false });
}

const test = base.extend<{ cleared: Stage }, { stage: Stage }>({
  stage: [
    async ({ playwright }, use) => {
      const stage = new Stage(playwright.chromium, order, () => clock.now());
      await use(stage);
      await stage.close();
    },
    { scope: 'worker' },
  ],
  cleared: async ({ stage }, use) => {
    await use(stage);
    await stage.clear();
  },
});

for (const check of order.checks) {
  test(check.id, async ({ cleared: stage }, info) => {
    if (line.stop.aborted) return;
    const attempt = info.retry + 1;
    line.say({ type: 'started', check: check.id, attempt });
    const startedMs = clock.now();
    const word = await runBody(withStage(await bodyOf(check), check, stage), {
      check,
      environment: order.environment,
      clock,
      scope: order.scope,
      stop: line.stop,
      emit,
      secret: (value) => line.say({ type: 'secret', value }),
    });
    if (stage.console.length > 0)
      await info.attach('console', { body: stage.console.join('\n'), contentType: 'text/plain' });
    line.say({
      type: 'finished',
      check: check.id,
      attempt,
      word,
      tookMs: clock.now() - startedMs,
      spent: requestsSpent(),
    });
    await line.heardOut();
    if (word === 'broke' || word === 'crashed') throw new Error(`${check.id} ${word}`);
  });
}

/** A body that cannot be loaded is our mistake and spoils its check, not the others'. */
async function bodyOf(check: PlannedCheck): Promise<JourneyBody> {
  const path = `../../suites/${check.suite}/${check.id.slice(check.suite.length + 1)}.ts`;
  try {
    return ((await import(path)) as { default: JourneyBody }).default;
  } catch (error) {
    return () => Promise.reject(error);
  }
}

/** What goes wrong between a user and a page is a broken promise; what goes wrong with the browser is about us. */
const withStage =
  (body: JourneyBody, check: PlannedCheck, stage: Stage): Body =>
  async (context) => {
    try {
      await body(journeyOf(context, check, stage));
    } catch (error) {
      if (error instanceof NoBrowser) return context.ours('tool-missing', error.message);
      const trouble = stage.trouble();
      if (trouble !== null && !context.signal.aborted) throw new Error(trouble, { cause: error });
      if (!(error instanceof JourneyBroke)) throw error;
      breaks(context, stage, check.assertions[0]!, error);
    }
  };

function journeyOf(context: BodyContext, check: PlannedCheck, stage: Stage): Journey {
  const steps = new Steps(
    order.environment.timeoutMs,
    (words, run) => test.step(words, run),
    () => stage.trouble(),
  );
  const audience = {
    refused: (url: string) =>
      refuse(`${check.id}: a page asked for ${url}, which is in no address of the environment file`),
    overBudget: () => context.ours('budget', `the budget of ${order.environment.budget.requests} requests is spent`),
  };
  return {
    ...context,
    person: (name, options) => stage.person(name, audience, options),
    does: (what, action, look) => steps.does(what, action, look),
    sees: (missing, look, limit) => steps.sees(missing, look, limit),
    shows: (assertion, story) => told(context, stage, assertion, story),
  };
}

async function told(
  context: BodyContext,
  stage: Stage,
  assertion: string,
  story: () => Promise<void>,
): Promise<boolean> {
  const startMs = context.now();
  try {
    await story();
  } catch (error) {
    if (!(error instanceof JourneyBroke)) throw error;
    breaks(context, stage, assertion, error, startMs);
    return false;
  }
  context.holds(assertion, { startMs });
  return true;
}

/** A step that went on for so long because the browser had no processor is ours, like everything else that this check then says. */
function breaks(
  context: BodyContext,
  { patience }: Stage,
  assertion: string,
  { message, tookMs }: JourneyBroke,
  startMs?: number,
): void {
  const toMs = context.now();
  const share = tookMs < leastMs ? 0 : patience.starvedShare(toMs - tookMs, toMs);
  const percent = Math.round(share * 100);
  if (share > browserStarvedAt)
    context.ours('generator-starved', `${message}, and the browser waited for a processor ${percent} % of that time`);
  else context.breaks(assertion, message, startMs === undefined ? {} : { startMs });
}
