import type { Page } from 'playwright-core';
import type { Environment } from '../../environment/types.ts';
import { under } from '../health.ts';

/** As much of a browser as is asked here; our own processes have none of it. */
declare const location: { readonly origin: string };

/** Waits until the platform takes the user of this page for the one with this address; throws when it does not. */
export async function untilKnown(page: Page, environment: Environment, email: string, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    // A page that is just being left cannot be asked.
    const who = await whoIsHere(page, environment).catch(() => null);
    if (who?.toLowerCase() === email.toLowerCase()) return;
    if (Date.now() >= until) throw new Error(`${who ?? 'nobody'} instead of ${email}`);
    await page.waitForTimeout(200);
  }
}

/**
 * Whom the platform takes the user of this page for: asked out of the page itself, with whatever its browser sends, at the
 * page's own origin and at the API's. The e-mail address; null for nobody.
 */
export async function whoIsHere(page: Page, { api }: Environment): Promise<string | null> {
  const path = `${api?.trpcPath ?? '/trpc'}/auth.getSession`;
  const elsewhere = api === null ? [] : [under(api.url, path), under(api.url, '/api/auth/session')];
  const answers = await page.evaluate(
    async ({ paths, elsewhere }) => {
      const urls = [...paths.map((path) => `${location.origin}${path}`), ...elsewhere];
      const ask = (url: string) => fetch(url, { credentials: 'include' }).then((answer) => answer.text());
      // What cannot be reached from this page says nothing about who is here.
      return Promise.all(urls.map((url) => ask(url).catch(() => '')));
    },
    { paths: [path, '/api/auth/session'], elsewhere },
  );
  const found = answers.map((text) => /"email"\s*:\s*"([^"]+)"/.exec(text)?.[1]);
  return found.find((email) => email !== undefined) ?? null;
}
