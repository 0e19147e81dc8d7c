import { useState } from 'react';
import { mutate, query, Refusal } from '../api.ts';
import { Failure, Waiting } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';
import { AskForHuman } from './ask-for-human.tsx';
import { Assistant } from './assistant.tsx';
import { SurveyForm } from './survey-form.tsx';

const key = 'assistant-session';

/** The assistant's panel: a conversation, and after its end the question how it was. */
export function AssistantPanel({ close }: { close: () => void }) {
  const [turn, setTurn] = useState(0);
  const [about, setAbout] = useState<'chat' | 'human' | 'survey'>('chat');
  const session = useLoaded(openSession, [turn]);
  const sessionId = session.value;
  const again = () => {
    sessionStorage.removeItem(key);
    setAbout('chat');
    setTurn((before) => before + 1);
  };
  const ending = useTask(async () => {
    await mutate('sessions.end', { id: sessionId });
    sessionStorage.removeItem(key);
    setAbout('survey');
  });
  return (
    <section className="card panel" aria-label="AI Assistant">
      <div className="row">
        <h2>AI Assistant</h2>
        <button type="button" className="plain small" onClick={close}>
          Close chat
        </button>
      </div>
      {(session.problem || ending.problem) && (
        <Failure
          problem={(session.problem ?? ending.problem)!}
          again={session.problem ? session.reload : () => void ending.run()}
        />
      )}
      {!sessionId && session.loading && <Waiting />}
      {sessionId && about !== 'survey' && <Assistant key={sessionId} sessionId={sessionId} />}
      {sessionId && about === 'human' && <AskForHuman sessionId={sessionId} done={() => setAbout('chat')} />}
      {sessionId && about === 'survey' && (
        <SurveyForm sessionId={sessionId} method="in_widget" done={again} later={again} />
      )}
      {sessionId && about === 'chat' && (
        <div className="row">
          <button type="button" className="plain small" onClick={() => setAbout('human')}>
            Talk to a human
          </button>
          <button type="button" className="plain small" onClick={again}>
            New conversation
          </button>
          <button type="button" className="plain small" disabled={ending.busy} onClick={() => void ending.run()}>
            End conversation
          </button>
        </div>
      )}
    </section>
  );
}

/** The conversation this window had before, as long as it goes on; otherwise a new one. */
let opening: Promise<string> | undefined;

function openSession(): Promise<string> {
  // Asked twice at once it must still be one session.
  opening ??= findOrCreate().finally(() => {
    opening = undefined;
  });
  return opening;
}

async function findOrCreate(): Promise<string> {
  const known = sessionStorage.getItem(key);
  if (known && (await goesOn(known))) return known;
  const { id } = await mutate<{ id: string }>('sessions.create', { mode: 'text' });
  sessionStorage.setItem(key, id);
  return id;
}

async function goesOn(id: string): Promise<boolean> {
  try {
    return (await query<{ endedAt: string | null }>('sessions.get', { id })).endedAt === null;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}
