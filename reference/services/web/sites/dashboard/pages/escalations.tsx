import { useEffect, useState } from 'react';
import { mutate, query } from '../api.ts';
import { Link } from '../router.tsx';
import { useUser } from '../session.tsx';
import { Choice, Empty, Field, Form, Outcome, Page, Section, Show, when } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';

interface Escalation {
  readonly id: string;
  readonly sessionId: string;
  readonly escalationType: string;
  readonly reason: string;
  readonly humanAgentId: string | null;
  readonly humanAgentJoinedAt: string | null;
  readonly resolvedAt: string | null;
  readonly resolutionNotes: string | null;
  readonly createdAt: string;
}

const filters = { '': 'All', pending: 'Pending', assigned: 'Assigned', resolved: 'Resolved' };
const types: Readonly<Record<string, string>> = {
  ai_failure: 'The assistant could not help',
  time_exceeded: 'It took too long',
  duplicate_problem: 'A known problem',
  user_request: 'A person was asked for',
};
/** Whoever waits for a person should not wait for a reload of this page. */
const lookEveryMs = 3_000;

export function Escalations() {
  const [status, setStatus] = useState('');
  const escalations = useLoaded(
    () => query<readonly Escalation[]>('escalations.list', { limit: 50, ...(status ? { status } : {}) }),
    [status],
  );
  const { reload } = escalations;
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), lookEveryMs);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <Page
      title="Escalations"
      intro="Conversations in which somebody waits for a person. The list keeps itself up to date."
    >
      <Choice
        label="Status"
        name="status"
        options={filters}
        value={status}
        onChange={(event: { currentTarget: HTMLSelectElement }) => setStatus(event.currentTarget.value)}
      />
      <Show loaded={escalations}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>Nobody is waiting.</Empty>
          ) : (
            rows.map((row) => <One key={row.id} row={row} changed={reload} />)
          )
        }
      </Show>
    </Page>
  );
}

function One({ row, changed }: { row: Escalation; changed: () => void }) {
  const { id: me } = useUser();
  const step = useTask<readonly [procedure: string, input: object]>(async ([procedure, input]) => {
    await mutate(`escalations.${procedure}`, { escalationId: row.id, ...input });
    changed();
  });
  const button = (text: string, procedure: string, input: object = {}) => (
    <button type="button" className="small" disabled={step.busy} onClick={() => void step.run([procedure, input])}>
      {text}
    </button>
  );
  return (
    <Section title={types[row.escalationType] ?? row.escalationType}>
      <p>{row.reason}</p>
      <p className="note">
        {stateOf(row)} · {when(row.createdAt)}
      </p>
      <div className="row">
        {!row.resolvedAt && !row.humanAgentId && button('Assign to me', 'assign', { humanAgentId: me })}
        {!row.resolvedAt && row.humanAgentId === me && !row.humanAgentJoinedAt && button('Join', 'agentJoined')}
        <Link to={`/conversations/${row.sessionId}`}>Open conversation</Link>
      </div>
      <Outcome task={step} />
      {!row.resolvedAt && row.humanAgentId === me && <Resolve id={row.id} changed={changed} />}
      {row.resolutionNotes && <p>Resolution: {row.resolutionNotes}</p>}
    </Section>
  );
}

function Resolve({ id, changed }: { id: string; changed: () => void }) {
  const task = useTask<Readonly<Record<string, string>>>(async ({ resolutionNotes }) => {
    await mutate('escalations.resolve', { escalationId: id, resolutionNotes, resolvedBy: 'agent' });
    changed();
  });
  return (
    <Form label="Resolve" task={task} submit="Resolve">
      <Field
        label="Resolution notes"
        name="resolutionNotes"
        minLength="10"
        rows={2}
        hint="At least ten characters."
        required
      />
    </Form>
  );
}

const stateOf = ({ resolvedAt, humanAgentId, humanAgentJoinedAt }: Escalation): string =>
  resolvedAt ? 'Resolved' : humanAgentJoinedAt ? 'In conversation' : humanAgentId ? 'Assigned' : 'Pending';
