import type { Account } from '../../platform/accounts.ts';
import { carrySession, openDashboard, signInAs, untilSide, whichSide } from '../../platform/pages/entrance.ts';
import { type Found, walkThrough } from '../../platform/pages/walk.ts';
import type { Journey, Person } from '../../runners/journey.ts';
import { limited, mindingLimits } from './limits.ts';
import type { Neighbours } from './tenants.ts';

/** What each of two tenants has that the other must never get to see, by what it is called. */
export type Marks = Readonly<Record<string, string>>;

/**
 * Both tenants at the dashboard at the same time, each in a browser of their own: they go through all its pages, and nothing that
 * is shown to one, or that the pages of one are answered, may hold anything of the other. Sites, proxies and caches
 * stand between a browser and the API, so that it says more than the API alone.
 */
export async function sideBySide(
  ours: Journey,
  { owner, stranger }: Neighbours,
  marks: { readonly owner: Marks; readonly stranger: Marks },
): Promise<void> {
  const { dashboard } = ours.environment.web;
  // The plan says so of the assertion.
  if (dashboard === null) return;
  const journey = mindingLimits(ours, () => ours.unmet(limited, 'in-browsers'));
  const walks = await Promise.all([
    walk(journey, { who: 'somebody of one tenant', account: owner, dashboard }),
    walk(journey, { who: 'somebody of the other tenant', account: stranger, dashboard }),
  ]);
  const [first, second] = walks;
  if (first === null || second === null) return;
  const ofOwner = withAddress(marks.owner, owner);
  const ofStranger = withAddress(marks.stranger, stranger);
  compare(journey, first, { own: ofOwner, foreign: ofStranger });
  compare(journey, second, { own: ofStranger, foreign: ofOwner });
}

const withAddress = (marks: Marks, { email }: Account): Marks => ({ ...marks, 'the e-mail address': email });

interface Walker {
  readonly who: string;
  readonly account: Account;
  readonly dashboard: string;
}

/** Null: did not come that far, and said so. */
async function walk(journey: Journey, { who, account, dashboard }: Walker): Promise<readonly Found[] | null> {
  const person = await journey.person(who);
  await carrySession(person.context, journey.environment, account);
  let found: readonly Found[] | null = null;
  await journey.shows('in-browsers', async () => {
    await journey.does('opening the dashboard', () => openDashboard(person.page, dashboard));
    await comeIn(journey, person, account);
    found = await journey.does('going through the pages of the dashboard', () => walkThrough(person.page), {
      withinMs: walkWithinMs,
    });
  });
  return found;
}

const walkWithinMs = 100_000;

async function comeIn(journey: Journey, { page }: Person, account: Account): Promise<void> {
  const side = await whichSide(page, 2 * journey.environment.timeoutMs);
  // A deployment that takes no carried session still lets its users in by the door.
  if (side === 'outside') await journey.does('signing in', () => signInAs(page, account));
  await journey.sees('the dashboard did not open', (withinMs) => untilSide(page, 'inside', withinMs));
}

function compare(journey: Journey, walk: readonly Found[], { own, foreign }: { own: Marks; foreign: Marks }): void {
  const leaks = Object.entries(foreign).flatMap(([what, mark]) => {
    const { where } = walk.find(({ text }) => text.includes(mark)) ?? {};
    return where === undefined ? [] : [`${what} of the other tenant in ${where}`];
  });
  const expected = 'what is one’s own, and nothing of the other tenant’s';
  const seesOwn = Object.values(own).some((mark) => walk.some(({ text }) => text.includes(mark)));
  if (leaks.length > 0)
    journey.breaks('in-browsers', `at the dashboard somebody got ${leaks.join(', ')}`, { expected });
  // Pages that show nothing of one's own would show nothing of anybody's.
  else if (!seesOwn)
    journey.unmet('a dashboard whose pages show documents, conversations or who is signed in', 'in-browsers');
  else journey.holds('in-browsers', { expected, observed: `${walk.length} pages and answers` });
}
