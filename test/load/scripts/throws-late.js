import http from 'k6/http';
import { begin, good, settings } from 'k6/x/shakedown';

const given = JSON.parse(settings());
export const options = given.options;

export default async function throwsAfterTheAnswer() {
  const operation = begin(given.stream, -1, true);
  http.get(given.url);
  good(operation, 0);
  await Promise.reject(new Error('planted rejection'));
}
