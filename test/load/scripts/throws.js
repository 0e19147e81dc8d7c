import http from 'k6/http';
import { begin, settings } from 'k6/x/shakedown';

const given = JSON.parse(settings());
export const options = given.options;

export default function throws() {
  begin(given.stream, -1, true);
  http.get(given.url);
  throw new Error('planted mistake of a script');
}
