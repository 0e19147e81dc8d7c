import { query } from '../api.ts';
import { Link } from '../router.tsx';
import { Empty, Page, Section, Show, when } from '../ui/parts.tsx';
import { useLoaded } from '../use.ts';
import type { ChatSession } from './conversations.tsx';

export function Usage() {
  const sessions = useLoaded(() =>
    query<{ sessions: readonly ChatSession[]; total: number }>('sessions.list', { limit: 100, includeEnded: true }),
  );
  return (
    <Page title="Usage" intro="What the assistant cost, conversation by conversation.">
      <Show loaded={sessions}>{({ sessions, total }) => <Figures sessions={sessions} total={total} />}</Show>
    </Page>
  );
}

function Figures({ sessions, total }: { sessions: readonly ChatSession[]; total: number }) {
  const cost = sessions.reduce((sum, { costUsd }) => sum + Number(costUsd), 0);
  const shown = sessions.length < total ? ` of the newest ${sessions.length}` : '';
  return (
    <>
      <div className="grid">
        <Section title="Conversations">
          <p className="figure">{total}</p>
        </Section>
        <Section title={`Cost${shown}`}>
          <p className="figure">{dollars(cost)}</p>
        </Section>
      </div>
      <Section title="By conversation">
        {sessions.length === 0 ? <Empty>There is no conversation yet.</Empty> : <Table sessions={sessions} />}
      </Section>
    </>
  );
}

const Table = ({ sessions }: { sessions: readonly ChatSession[] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Conversation</th>
        <th scope="col">Cost</th>
      </tr>
    </thead>
    <tbody>
      {sessions.map(({ id, createdAt, costUsd }) => (
        <tr key={id}>
          <td>
            <Link to={`/conversations/${id}`}>{when(createdAt)}</Link>
          </td>
          <td>{dollars(Number(costUsd))}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const dollars = (amount: number): string => `$${amount.toFixed(4)}`;
