/** What the harness reads of its own surroundings, apart from the variables an environment file names. */

/** A CI job: nobody watches a line being redrawn. */
export const inCi = (): boolean => process.env.CI === 'true' || process.env.CI === '1';
