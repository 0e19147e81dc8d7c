import { signInForm } from './entrance.ts';
import type { Visit } from './visit.ts';

/** What a page says to everybody who forgot a password. */
const underWay = /on its way|sent|check|in ?box|e-?mail|link|if (the|this|an|your|there)/i;
const changed =
  /(been|was|is|password) (changed|reset|updated|set|saved)|\bsuccess|can (now )?(sign|log) in|new password (is|has)/i;

export async function askForLink(dashboard: Visit, email: string): Promise<void> {
  await dashboard.email.fill(email);
  await dashboard.send(dashboard.button(/send|reset|request|continue|submit/i));
}

/** Waits for words that a message is on its way. */
export const isUnderWay = (dashboard: Visit, withinMs: number): Promise<void> =>
  until(withinMs, dashboard, (said) => said.some((line) => underWay.test(line)));

/** Some pages ask for it once, some twice. */
export async function chooseNew(dashboard: Visit, password: string): Promise<void> {
  await dashboard.password.fill(password);
  if (await dashboard.confirmation.isVisible()) await dashboard.confirmation.fill(password);
  await dashboard.send(dashboard.button(/change|reset|save|\bset\b|update|continue|submit/i));
}

/** Waits for words of success, or for the page where one signs in with the new password. */
export async function isChanged(dashboard: Visit, withinMs: number): Promise<void> {
  const ledOn = async () => dashboard.ledOn && (await signInForm(dashboard.page));
  await until(withinMs, dashboard, (said) => said.some((line) => changed.test(line)), ledOn);
}

async function until(
  withinMs: number,
  dashboard: Visit,
  holds: (said: readonly string[]) => boolean,
  otherwise: () => Promise<boolean> = async () => false,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    if (await otherwise()) return;
    const said = await dashboard.answered(Math.min(1_000, Math.max(1, end - Date.now()))).catch(() => []);
    if (holds(said)) return;
  }
  throw new Error('it was not said');
}
