import { asksSomething, nowhere, restOf } from '../../platform/pages/survey.ts';
import type { Journey } from '../../runners/journey.ts';

/** A message with a link, and by which assertion it is held. */
export interface Letter {
  readonly assertion: string;
  readonly word: string;
}

/**
 * Whoever got the message opens its link in a browser: there must be something to answer. A site of one page answers 200 to every
 * address and shows the same wherever it knows none, so that what is shown must differ from that.
 */
export async function opensSurvey(journey: Journey, { assertion, word }: Letter, address: string): Promise<void> {
  const { page } = await journey.person(`whoever got the ${word}`);
  const open = (what: string, url: string) =>
    journey.does(what, () => page.goto(url, { waitUntil: 'domcontentloaded' }));
  await journey.shows(assertion, async () => {
    await open(`following the link in the ${word}`, address);
    await journey.sees('nothing was shown that could be answered', (withinMs) => asksSomething(page, withinMs));
    const shown = await restOf(page, journey.environment.timeoutMs);
    await open('opening an address that leads nowhere', nowhere(address));
    await journey.sees('the same was shown as at the link', async (withinMs) => {
      if ((await restOf(page, withinMs)) === shown) throw new Error('the same page');
    });
  });
}
