import { longestWaitMs, waits } from '../../waiting.ts';
import type { Down, Order } from '../protocol.ts';
import { Participant } from './participant.ts';
import { nowMs, tellFor, up } from './tell.ts';

/**
 * A process that takes part in meetings on our behalf: the native library brings threads of its own, which would disturb the
 * runner's timing, and could take the runner with it when it falls. Orders come in and happenings go out over IPC.
 */
const people = new Map<string, Participant>();

process.on('message', (message: Down) => void obey(message));
// The library's threads do not end by themselves, and nobody is left to tell us to.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
up({ type: 'ready' });
reportWaiting();

async function obey({ id, order }: Down): Promise<void> {
  try {
    up({ type: 'done', id, value: (await carryOut(order)) ?? null });
  } catch (error) {
    up({ type: 'failed', id, because: error instanceof Error ? error.message : String(error) });
  }
}

async function carryOut(order: Order): Promise<unknown> {
  if (order.verb === 'join') return enter(order);
  const person = people.get(order.who);
  if (!person) throw new Error(`${order.who} is in no meeting`);
  switch (order.verb) {
    case 'leave':
      people.delete(order.who);
      return person.leave();
    case 'show':
      return person.show(order.source);
    case 'speak':
      return person.speak(order);
    case 'mute':
      return person.microphone?.mute(order.muted);
    case 'say':
      return person.say(order.topic, order.text);
    case 'chat':
      return person.chat(order.text);
    case 'stats':
      return person.stats();
    case 'people':
      return person.people();
  }
}

async function enter({ who, how }: Extract<Order, { verb: 'join' }>) {
  const spokenBy = (identity: string) => speakerOf(identity)?.microphone?.spoken;
  const person = new Participant(tellFor(who), { listens: how.listens, spokenBy });
  people.set(who, person);
  try {
    return await person.join(how);
  } catch (error) {
    people.delete(who);
    await person.leave().catch(() => undefined);
    throw error;
  }
}

const speakerOf = (identity: string): Participant | undefined =>
  [...people.values()].find(({ room }) => room.localParticipant?.identity === identity);

/** Four times a second: who is starved of a processor cannot tell that the deployment is slow. */
function reportWaiting(): void {
  let [before, fromMs] = [waits(), nowMs()];
  setInterval(() => {
    const [now, toMs] = [waits(), nowMs()];
    up({ type: 'waited', fromMs, toMs, waitedMs: longestWaitMs(before, now) });
    [before, fromMs] = [now, toMs];
  }, 250);
}
