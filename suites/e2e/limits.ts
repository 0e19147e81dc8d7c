import type { Response } from 'playwright-core';
import { type Journey, JourneyBroke, type Person } from '../../runners/journey.ts';

export const limited = 'a limit of sign-ins that lets those of this check through';

/** Signing in, registering and resetting are limited by address; who is here is asked by every page, and no sign-in. */
const atTheDoor = /\/api\/auth\/(?!session\b)|[/,]auth\.(?!getSession\b)/;

const isLimit = (response: Response): boolean =>
  response.status() === 429 && atTheDoor.test(new URL(response.url()).pathname);

/**
 * The same journey, which notices when the door of a page answers 429. A story in which it did shows nothing: what it lacks may
 * be the limit's doing, and so may be the refusal it has seen. The check is not verified then, unless `unmet` says less.
 */
export function mindingLimits(journey: Journey, unmet = () => journey.unmet(limited)): Journey {
  let limits = 0;
  const listen = (person: Person): Person => {
    person.context.on('response', (response) => {
      if (isLimit(response)) limits++;
    });
    return person;
  };
  return {
    ...journey,
    person: async (name, options) => listen(await journey.person(name, options)),
    shows: async (assertion, story) => {
      const before = limits;
      const minded = async (): Promise<void> => {
        try {
          await story();
        } catch (error) {
          if (!(error instanceof JourneyBroke) || limits === before) throw error;
        }
        if (limits > before) throw new Limited();
      };
      try {
        return await journey.shows(assertion, minded);
      } catch (error) {
        if (!(error instanceof Limited)) throw error;
        unmet();
        return false;
      }
    },
  };
}

/** Goes through the journey's own telling, which judges only steps that broke. */
class Limited extends Error {}
