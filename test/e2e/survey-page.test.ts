import { describe, expect, test } from 'vitest';
import { type Journey, JourneyBroke } from '../../runners/journey.ts';
import { opensSurvey } from '../../suites/e2e/survey-page.ts';
import { base, browserOfTests, environment, servedPage } from '../pages/browser.ts';

/** What stands behind the link of a survey, at sites that answer 200 to every address. */
const browser = browserOfTests();

/** What is said of a site whose page at `/survey/1` is `survey`, and everywhere else `others`. */
async function said(survey: string, others: string): Promise<string> {
  const page = await servedPage(browser(), (pathname) => (pathname === '/survey/1' ? survey : others));
  const sees = async (missing: string, look: (withinMs: number) => Promise<unknown>) =>
    look(2_000).catch(() => {
      throw new JourneyBroke(missing);
    });
  const shows = (_: string, story: () => Promise<void>) =>
    story().then(
      () => 'shown',
      (error: unknown) => {
        if (error instanceof JourneyBroke) return error.message;
        throw error;
      },
    );
  let told = '';
  const journey = {
    environment,
    sees,
    person: async () => ({ page }),
    does: (_: string, action: () => Promise<unknown>) => action(),
    shows: async (assertion: string, story: () => Promise<void>) => {
      told = await shows(assertion, story);
      return told === 'shown';
    },
  } as unknown as Journey;
  await opensSurvey(journey, { assertion: 'mail', word: 'mail' }, `${base}survey/1?method=mail`);
  return told;
}

const home = '<a href=/>Home</a><button>Menu</button><h1>Welcome</h1><label>Your message <textarea></textarea></label>';
const lost = '<a href=/>Home</a><button>Menu</button><h1>We could not find that page</h1>';
const stars = [1, 2, 3, 4, 5].map(
  (n) => `<label><input type=radio name=s style="display:none">${'★'.repeat(n)}</label>`,
);

describe('the link of a survey', () => {
  test.each([
    ['stars over buttons of choice that are hidden', `<h1>How was it?</h1>${stars.join('')}`],
    ['buttons with numbers', '<h1>How was it?</h1><button>1</button><button>2</button><button>3 stars</button>'],
    ['yes and no', '<h1>Was your problem solved?</h1><button>Yes</button><button>No</button>'],
    [
      'what comes a moment later',
      `<script>setTimeout(() => document.body.innerHTML = '<textarea></textarea>How was it?', 900)</script>`,
    ],
  ])(
    'shows %s',
    async (_, survey) => {
      expect(await said(survey, lost)).toBe('shown');
      expect(await said(survey, home)).toBe('shown');
    },
    60_000,
  );

  test.each([
    ['where every address leads', home, home, 'the same was shown as at the link'],
    ['to a page that was not found', lost, lost, 'nothing was shown that could be answered'],
    ['to an empty page', '', home, 'nothing was shown that could be answered'],
    ['to thanks of somebody who answered', '<h1>Thank you</h1>', lost, 'nothing was shown that could be answered'],
  ])(
    'does not lead %s',
    async (_, survey, others, missing) => {
      expect(await said(survey, others)).toBe(missing);
    },
    60_000,
  );
});
