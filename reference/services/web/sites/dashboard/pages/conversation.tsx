import { mutate, query } from '../api.ts';
import { Composer } from '../chat/composer.tsx';
import { Log, Said } from '../chat/log.tsx';
import type { RoomMessage, RoomState } from '../chat/socket.ts';
import { type Outgoing, useRoom } from '../chat/use-room.ts';
import { Link } from '../router.tsx';
import { useUser } from '../session.tsx';
import { Failure, Outcome, Page } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';
import { type Person, people } from './people.ts';

const states: Readonly<Record<RoomState, string>> = {
  connecting: 'Connecting...',
  connected: 'Connected',
  reconnecting: 'Connection lost, reconnecting...',
  refused: 'Not connected',
};

/** One conversation, in which everybody of the workspace can write and sees at once what the others write. */
export function Conversation({ sessionId }: { sessionId: string }) {
  const room = useRoom(sessionId);
  const session = useLoaded(() => query<{ endedAt: string | null }>('sessions.get', { id: sessionId }), [sessionId]);
  const known = useLoaded(people);
  const ending = useTask(async () => {
    await mutate('sessions.end', { id: sessionId });
    session.reload();
  });
  const names = new Map((known.value ?? []).map((person) => [person.id, person]));
  const ended = Boolean(session.value?.endedAt);
  const problem = session.problem ?? room.problem;
  return (
    <Page title="Conversation">
      <div className="row">
        <Link to="/conversations">All conversations</Link>
        <span role="status">{ended ? 'This conversation has ended' : states[room.state]}</span>
        {session.value && !ended && (
          <button type="button" className="plain small" disabled={ending.busy} onClick={() => void ending.run()}>
            End conversation
          </button>
        )}
      </div>
      {problem && <Failure problem={problem} again={session.problem ? session.reload : room.reload} />}
      <Outcome task={ending} />
      <section className="card conversation" aria-label="Conversation">
        <Messages messages={room.messages} outgoing={room.outgoing} names={names} again={room.say} />
        <p className="note" aria-live="polite">
          {room.typing.map((id) => names.get(id)?.name ?? 'Somebody').join(', ')}
          {room.typing.length > 0 && ' is typing...'}
        </p>
        {!ended && <Composer label="Your message" say={room.say} typing={room.tellTyping} />}
      </section>
    </Page>
  );
}

interface Given {
  readonly messages: readonly RoomMessage[];
  readonly outgoing: readonly Outgoing[];
  readonly names: ReadonlyMap<string, Person>;
  readonly again: (content: string, clientId: string) => void;
}

function Messages({ messages, outgoing, names, again }: Given) {
  const { id: me } = useUser();
  return (
    <Log label="Messages" empty={messages.length + outgoing.length === 0 && 'Nobody has said anything yet.'}>
      {messages.map((message) => (
        <Said
          key={message.id}
          by={senderOf(message, me, names)}
          kind={message.userId === me ? 'user' : message.role === 'user' ? 'other' : message.role}
          text={message.content}
        />
      ))}
      {outgoing.map(({ clientId, content, problem }) => (
        <Said key={clientId} by="You" kind="user" text={content} busy={!problem}>
          {problem && <Failure problem={problem} again={() => again(content, clientId)} />}
        </Said>
      ))}
    </Log>
  );
}

function senderOf({ role, userId }: RoomMessage, me: string, names: ReadonlyMap<string, Person>): string {
  if (role === 'assistant') return 'Assistant';
  if (role === 'system') return 'System';
  if (userId === me) return 'You';
  const person = names.get(userId ?? '');
  return person?.name ?? person?.email ?? 'Customer';
}
