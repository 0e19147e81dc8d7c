import type { Report } from '../verdict/types.ts';

/** A reporter turns a report into text. It opens no file and changes no verdict; the same report gives the same bytes. */
export interface Reporter {
  readonly name: string;
  /** `path` is relative to the run directory. */
  render(report: Report): readonly RenderedFile[];
}

export interface RenderedFile {
  readonly path: string;
  readonly text: string;
}
