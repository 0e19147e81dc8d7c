import { useEffect, useRef, useState } from 'react';
import { useUser } from '../session.tsx';
import { useTask } from '../use.ts';
import { type AnswerMetadata, ask, type Told } from './ask.ts';
import { Composer } from './composer.tsx';
import { Log, Said } from './log.tsx';
import type { RoomMessage } from './socket.ts';
import { Sources } from './sources.tsx';
import { useRoom } from './use-room.ts';

interface Pending {
  readonly question: string;
  readonly soFar: string;
  /** Messages that were there when it was asked. */
  readonly before: ReadonlySet<string>;
}

export function Assistant({ sessionId }: { sessionId: string }) {
  const { id: me } = useUser();
  const room = useRoom(sessionId);
  const [pending, setPending] = useState<Pending | undefined>(undefined);
  const [about, setAbout] = useState<Readonly<Record<string, AnswerMetadata>>>({});
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const asking = useTask<string>(async (content) => {
    stop.current = new AbortController();
    const before = new Set(room.messages.map(({ id }) => id));
    const show = (soFar: string) => setPending({ question: content, soFar, before });
    show('');
    const { userMessage, assistantMessage } = await ask({ sessionId, content }, show, stop.current.signal);
    room.add([told(userMessage, 'user', content), told(assistantMessage, 'assistant')]);
    if (assistantMessage.metadata)
      setAbout((known) => ({ ...known, [assistantMessage.id]: assistantMessage.metadata! }));
    setPending(undefined);
  });
  return (
    <>
      <Log
        label="Conversation with the assistant"
        empty={
          room.messages.length === 0 && !pending && 'Ask anything. Answers rest on the documents of your workspace.'
        }
      >
        {room.messages.map((message) => (
          <Said key={message.id} by={speaker(message, me)} kind={message.role} text={message.content}>
            <Sources about={about[message.id]} />
          </Said>
        ))}
        {pending && <PendingAnswer pending={pending} messages={room.messages} failed={asking.problem !== undefined} />}
      </Log>
      {asking.problem && pending && (
        <div className="failure" role="alert">
          <p className="error">Failed to send message. Please try again. ({asking.problem})</p>
          <button type="button" className="plain small" onClick={() => void asking.run(pending.question)}>
            Try again
          </button>
        </div>
      )}
      <Composer label="Your message" busy={asking.busy} say={(content) => asking.run(content)} />
    </>
  );
}

/** Question and answer may come over the socket before the stream ends; each is shown once. */
function PendingAnswer({
  pending,
  messages,
  failed,
}: {
  pending: Pending;
  messages: readonly RoomMessage[];
  failed: boolean;
}) {
  const fresh = messages.filter(({ id }) => !pending.before.has(id));
  const asked = fresh.some(({ role, content }) => role === 'user' && content === pending.question);
  const answered = fresh.some(({ role }) => role === 'assistant');
  return (
    <>
      {!asked && <Said by="You" kind="user" text={pending.question} />}
      {!answered && !failed && <Said by="Assistant" kind="assistant" text={pending.soFar || 'Writing...'} busy />}
    </>
  );
}

/** What somebody else wrote into this conversation is the help that was asked for. */
const speaker = ({ role, userId }: RoomMessage, me: string): string =>
  role !== 'user' ? 'Assistant' : userId && userId !== me ? 'Support' : 'You';

const told = ({ id, content, timestamp }: Told, role: RoomMessage['role'], known = ''): RoomMessage => ({
  id,
  role,
  content: content || known,
  at: Date.parse(timestamp),
});
