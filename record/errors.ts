/** The record cannot be trusted, or is none: names the line and what was expected of it. */
export class RecordError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.name = 'RecordError';
    this.line = line;
  }
}
