/** Bad arguments, environment file, record or output directory: exit 64, with a sentence that says what to do. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export const exitCodes = {
  pass: 0,
  fail: 1,
  undecided: 2,
  invalid: 3,
  usage: 64,
  ours: 70,
} as const;
