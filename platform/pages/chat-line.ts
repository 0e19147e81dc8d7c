import type { Page } from 'playwright-core';

/** As much of a browser as is asked here; our own processes have none of it. */
interface Box {
  readonly innerText: string;
  readonly parentElement: Box | null;
  closest(selector: string): unknown;
}
declare const getComputedStyle: (box: Box) => { readonly display: string };

/**
 * Does the page show this as something that was said by whoever goes by one of these names? An assistant that repeats a question
 * in its answer shows the words as well, with its own around them.
 */
export async function showsLine(page: Page, text: string, names: readonly string[]): Promise<boolean> {
  const lines = await linesWith(page, text);
  return lines.some((line) => restOf(line, text, names) === '');
}

/** What stands in the innermost block around the text, each time it can be seen; what quotes it is left out. */
const linesWith = (page: Page, text: string): Promise<readonly string[]> =>
  page
    .getByText(text)
    .filter({ visible: true })
    .evaluateAll((elements) =>
      (elements as unknown as Box[])
        .filter((element) => !element.closest('blockquote, q, code, pre'))
        .map((element) => {
          let box = element;
          while (getComputedStyle(box).display === 'inline' && box.parentElement !== null) box = box.parentElement;
          // biome-ignore lint/performance/useDomNodeTextContent: what is hidden, a user does not read.
          return box.innerText;
        }),
    );

/** A time, a day, the words pages put beside a message, and the part of whoever said it. */
const besides =
  /\b(today|yesterday|just now|now|an?|few|seconds?|minutes?|ago|at|[ap]\.?m\b\.?|(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*|(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|message|from|to|everyone|everybody|sent|delivered|read|seen|new|host|guest|owner|admin|member|moderator|participant)\b/g;

/** Letters that remain; two may be the initials of a name. */
function restOf(line: string, text: string, names: readonly string[]): string {
  const plain = (words: string) => words.replace(/\s+/g, ' ').trim().toLowerCase();
  let rest = plain(line).replaceAll(plain(text), ' ');
  for (const name of [...names, ...names.map((one) => one.split(' ')[0]!)]) rest = rest.replaceAll(plain(name), ' ');
  const letters = rest.replace(besides, ' ').replace(/[^\p{L}]/gu, '');
  return letters.length <= 2 ? '' : letters;
}
