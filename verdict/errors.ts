/** The record cannot be judged at all; anything less is a status on a row. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}
