import type { Page } from 'playwright-core';

const hasLeft = /\bleft\b/i;

/**
 * What the list says about somebody, or what stands at the picture: in words, or in the names of what is drawn there. Where
 * nothing has a role, an entry is whatever stands around the name and nobody else's of `others`.
 */
export async function saidOf(page: Page, name: string, others: readonly string[] = []): Promise<string> {
  const said = await page.evaluate<readonly string[]>(
    `(${saidAt})(${JSON.stringify(name)}, ${JSON.stringify(others)})`,
  );
  return said.filter((text) => !hasLeft.test(text)).join(' ');
}

// Text, because it runs in the page, whose types are not ours. Of entries within entries only the innermost speak of one person.
// Icons of the known sets have no name for people, but go by one in the page.
const saidAt = `(name, others) => {
  const named = (element) => ['aria-label', 'title', 'alt'].map((which) => element.getAttribute(which) ?? '');
  const drawn = (element) => ['class', 'data-testid', 'data-icon'].map((which) => element.getAttribute(which) ?? '').join(' ');
  const isOff = (element) => element.getClientRects().length > 0 && element.closest('button') === null &&
    /(mic|microphone|audio)[-_]?(off|slash|muted?)\\b|(Mic|Microphone)Off|microphone-?slash/.test(drawn(element));
  const off = '[data-lk-audio-muted=true]';
  const icons = (element) => [...element.querySelectorAll('svg, i, [data-icon]')].some(isOff) || element.matches(off) || element.querySelector(off) ? ['muted'] : [];
  const words = (element) =>
    [element.innerText ?? '', ...[element, ...element.querySelectorAll('*')].flatMap(named), ...icons(element)].filter(Boolean).join(' ');
  const holds = (element) => element.getClientRects().length > 0 && words(element).includes(name);
  const entries = [...document.querySelectorAll('li, figure, [role=listitem], [role=group], [role=row], [role=figure]')].filter(holds);
  const innermost = (all) => all.filter((one) => !all.some((other) => other !== one && one.contains(other)));
  const isAnothers = (element) => others.some((other) => words(element).includes(other)) || /\\byou\\b/i.test(words(element)) ||
    element.querySelectorAll('video').length > 1;
  const around = (element) => {
    let entry = element;
    for (let up = 0; up < 5 && entry.parentElement && entry.parentElement !== document.body && !isAnothers(entry.parentElement); up++)
      entry = entry.parentElement;
    return entry;
  };
  const bare = innermost([...document.body.querySelectorAll('*')].filter(holds)).filter((one) => !entries.some((entry) => entry.contains(one)));
  // Where the list has entries, of what else names somebody only a picture speaks of them.
  const tiles = bare.map(around).filter((one) => entries.length === 0 || one.querySelector('video') !== null);
  return [...innermost(entries), ...tiles].map(words);
}`;
