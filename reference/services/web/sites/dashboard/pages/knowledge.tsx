import { mutate, query } from '../api.ts';
import { useUser } from '../session.tsx';
import { Empty, Outcome, Page, Section, Show, when } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';
import { SearchKnowledge } from './knowledge-search.tsx';
import { UploadDocuments } from './knowledge-upload.tsx';

interface Document {
  readonly id: string;
  readonly title: string;
  readonly category: string | null;
  readonly createdAt: string;
  readonly chunkCount: number;
}

export function Knowledge() {
  const { role } = useUser();
  const documents = useLoaded(() =>
    query<{ documents: readonly Document[]; total: number }>('knowledge.list', { limit: 100 }),
  );
  return (
    <Page title="Knowledge Base" intro="What the assistant knows and cites.">
      {role === 'member' ? (
        <Empty>Documents are uploaded by the owner and the admins of your workspace.</Empty>
      ) : (
        <UploadDocuments uploaded={documents.reload} />
      )}
      <SearchKnowledge />
      <Section title="Documents">
        <Show loaded={documents}>
          {({ documents: rows, total }) => <Documents rows={rows} total={total} changed={documents.reload} />}
        </Show>
      </Section>
    </Page>
  );
}

function Documents({ rows, total, changed }: { rows: readonly Document[]; total: number; changed: () => void }) {
  if (rows.length === 0) return <Empty>There is no document yet.</Empty>;
  return (
    <>
      <p className="note">
        {total} {total === 1 ? 'document' : 'documents'}
      </p>
      <ul className="list">
        {rows.map((row) => (
          <Row key={row.id} row={row} changed={changed} />
        ))}
      </ul>
    </>
  );
}

function Row({ row, changed }: { row: Document; changed: () => void }) {
  const { role } = useUser();
  const removing = useTask(async () => {
    await mutate('knowledge.delete', { id: row.id });
    changed();
  });
  const parts = `${row.chunkCount} ${row.chunkCount === 1 ? 'part' : 'parts'}`;
  return (
    <li>
      <span>
        <strong>{row.title}</strong>
        <span className="note"> {[row.category, parts, when(row.createdAt)].filter(Boolean).join(' · ')}</span>
      </span>
      {role === 'owner' && (
        <button
          type="button"
          className="plain small"
          aria-label={`Delete ${row.title}`}
          disabled={removing.busy}
          onClick={() => void removing.run()}
        >
          Delete
        </button>
      )}
      <Outcome task={removing} />
    </li>
  );
}
