import { htmlPage } from './html/index.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { sarif } from './sarif.ts';

/** Every reporter that makes a file of the run directory. */
export const fileReporters: readonly Reporter[] = [json, junit, markdown, htmlPage, sarif];

export { type ConsoleOptions, consoleSummary } from './console.ts';
export * from './progress.ts';
export type { RenderedFile, Reporter } from './reporter.ts';
