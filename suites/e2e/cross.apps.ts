import { openEntrance, signInAs, signOutOf, untilSide } from '../../platform/pages/entrance.ts';
import { whoIsHere } from '../../platform/pages/whoami.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { type AtDashboard, arrive } from './at-dashboard.ts';
import { withHttp } from './room.ts';

/** Signed in by the door of the dashboard, because what it gives is what must carry over. */
const body: JourneyBody = (ours) =>
  withHttp(ours, async (http) => {
    const at = await arrive(ours, http, 'carries');
    if (at === null) return;
    const { journey } = at;
    await at.person.context.clearCookies();
    if (!(await journey.shows('carries', () => enter(at)))) return;
    for (const app of appsOf(at)) await journey.shows('carries', () => isKnownAt(at, app));
    if (!(await journey.shows('ends', () => leave(at)))) return;
    for (const app of appsOf(at)) await journey.shows('ends', () => isNobodyAt(at, app));
  });
export default body;

interface App {
  readonly name: string;
  readonly url: string;
}

const appsOf = ({ journey, dashboard }: AtDashboard): readonly App[] => {
  const { landing, meeting } = journey.environment.web;
  const apps = [
    { name: 'the landing site', url: landing },
    { name: 'the dashboard', url: dashboard },
    { name: 'the meeting app', url: meeting },
  ];
  return apps.flatMap(({ name, url }) => (url === null ? [] : [{ name, url }]));
};

async function enter({ journey, person: { page }, account, dashboard }: AtDashboard): Promise<void> {
  await journey.does('opening the sign-in page', () => openEntrance(page, dashboard));
  await journey.does('signing in', () => signInAs(page, account));
  await journey.sees('the dashboard did not open', (withinMs) => untilSide(page, 'inside', withinMs));
}

async function leave({ journey, person: { page } }: AtDashboard): Promise<void> {
  await journey.does('signing out at the dashboard', () => signOutOf(page));
  await journey.sees('the sign-in page did not appear', (withinMs) => untilSide(page, 'outside', withinMs));
}

async function isKnownAt(here: AtDashboard, { name, url }: App): Promise<void> {
  const who = await visit(here, `signing in at the dashboard and opening ${name}`, url);
  await here.journey.sees(`${name} did not know who one is`, async () => expectWho(who, here.account.email));
}

async function isNobodyAt(here: AtDashboard, { name, url }: App): Promise<void> {
  const who = await visit(here, `signing out at the dashboard and opening ${name}`, url);
  await here.journey.sees(`${name} still knew who one was, and did not forget it`, async () => expectWho(who, null));
}

/** In a tab of its own, as somebody does who has all of them open. */
async function visit({ journey, person: { context } }: AtDashboard, what: string, url: string): Promise<string | null> {
  const page = await context.newPage();
  try {
    await journey.does(what, async () => void (await page.goto(url)));
    return await whoIsHere(page, journey.environment);
  } finally {
    await page.close();
  }
}

function expectWho(who: string | null, wanted: string | null): void {
  if (who?.toLowerCase() !== wanted?.toLowerCase())
    throw new Error(`${who ?? 'nobody'} instead of ${wanted ?? 'nobody'}`);
}
