import http from 'k6/http';
import { WebSocket } from 'k6/websockets';
import { begin, finished, good, lost, settings } from 'k6/x/shakedown';

const given = JSON.parse(settings());
export const options = given.options;

// Follows a redirect and opens a socket to an address that nobody named.
export default function wanders() {
  const operation = begin(given.stream, -1, true);
  const response = http.get(given.url, { timeout: 2000, redirects: 5 });
  const socket = new WebSocket(given.contains);
  socket.onerror = () => {};
  if (response.status === 200) good(operation, 0);
  else lost(operation, 'wandered');
  finished();
}
