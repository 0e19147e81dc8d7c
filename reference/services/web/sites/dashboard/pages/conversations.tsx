import { mutate, query } from '../api.ts';
import { go, Link } from '../router.tsx';
import { Empty, Outcome, Page, Section, Show, when } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';

export interface ChatSession {
  readonly id: string;
  readonly mode: string;
  readonly costUsd: string;
  readonly createdAt: string;
  readonly endedAt?: string | null;
}

export function Conversations() {
  const sessions = useLoaded(async () =>
    query<{ sessions: readonly ChatSession[]; total: number }>('sessions.list', { limit: 50, includeEnded: true }),
  );
  const starting = useTask(async () => {
    const { id } = await mutate<{ id: string }>('sessions.create', { mode: 'text' });
    go(`/conversations/${id}`);
  });
  return (
    <Page title="Conversations" intro="Everything said in your workspace, live. Open one to join it.">
      <div className="row">
        <button type="button" disabled={starting.busy} onClick={() => void starting.run()}>
          New conversation
        </button>
        <button type="button" className="plain" onClick={sessions.reload}>
          Refresh
        </button>
        <Outcome task={starting} />
      </div>
      <Section title="All conversations">
        <Show loaded={sessions}>{({ sessions }) => <List sessions={sessions} />}</Show>
      </Section>
    </Page>
  );
}

function List({ sessions }: { sessions: readonly ChatSession[] }) {
  if (sessions.length === 0) return <Empty>There is no conversation yet.</Empty>;
  return (
    <ul className="list">
      {sessions.map(({ id, createdAt, endedAt }) => (
        <li key={id}>
          <Link to={`/conversations/${id}`}>Conversation of {when(createdAt)}</Link>
          <span className="note">{endedAt ? 'ended' : 'open'}</span>
        </li>
      ))}
    </ul>
  );
}
