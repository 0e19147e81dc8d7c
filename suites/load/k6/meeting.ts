import { clearTimeout, setTimeout } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import { begin, good, lost, now, spend } from 'k6/x/shakedown';
import { isRecord, query } from './calls.ts';
import { given, type Person, type Session } from './given.ts';
import { rest } from './sockets.ts';

/** Asks for a meeting token, where the platform issues them, and holds the signalling socket until the visit ends. */
export async function meet(person: Person, session: Session, untilMs: number): Promise<void> {
  const token = tokenFor(person, session);
  while (token !== null && untilMs - now() > 1_000) {
    // Without media the meeting server shows a participant the door after a while; a real one would have joined by then.
    const held = await hold(token, Math.min(untilMs - now(), holdAtMostMs));
    if (!held) await rest(2_000);
  }
  await rest(untilMs - now());
}

const holdAtMostMs = 10_000;

function tokenFor(person: Person, session: Session): string | null {
  const { procedure } = given.meetings!;
  if (procedure === null) return person.meetingToken;
  const data = query({
    session,
    path: procedure,
    input: { meetingId: person.room },
    stream: '',
    dueMs: now(),
    verify: (found) => (isRecord(found) && typeof found.token === 'string' ? '' : 'wrong-answer'),
  });
  return isRecord(data) ? String(data.token) : null;
}

function hold(token: string, forMs: number): Promise<boolean> {
  if (!spend('requests', 1)) return Promise.resolve(false);
  const operation = begin('', now(), false);
  const url = given.meetings!.url.replace(/\/$/, '');
  const query = `access_token=${token}&auto_subscribe=0&sdk=js&protocol=15&version=2.0.0`;
  const socket = new WebSocket(`${url}/rtc?${query}`, null, { tags: { name: 'signalling' } });
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve) => {
    let waiting = true;
    let leaving = false;
    const end = (cause: string) => {
      if (waiting) {
        waiting = false;
        clearTimeout(timer);
        if (cause === '') good(operation, 0);
        else lost(operation, cause);
      } else if (cause !== '' && !leaving) lost(begin('', now(), false), cause);
      if (cause !== '') resolve(leaving);
    };
    const leave = () => {
      leaving = true;
      socket.close();
      resolve(true);
    };
    const timer = setTimeout(() => {
      end('meeting-timeout');
      leave();
    }, given.timeoutMs);
    socket.onmessage = () => {
      if (!waiting) return;
      end('');
      setTimeout(leave, forMs);
    };
    socket.onclose = (event?: { readonly code?: number }) => end(`meeting-close-${event?.code ?? 'unknown'}`);
    socket.onerror = () => end('meeting-socket-error');
  });
}
