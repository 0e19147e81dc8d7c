import { useState } from 'react';
import { query } from '../api.ts';
import { Empty, Field, Form, Section } from '../ui/parts.tsx';
import { useTask } from '../use.ts';

interface Found {
  readonly id: string;
  readonly documentTitle: string;
  readonly content: string;
  readonly relevance: string;
  readonly similarityScore: string;
}

export function SearchKnowledge() {
  const [found, setFound] = useState<readonly Found[] | undefined>(undefined);
  const task = useTask<Readonly<Record<string, string>>>(async ({ query: words }) => {
    setFound(undefined);
    const { results } = await query<{ results: readonly Found[] }>('knowledge.search', {
      query: words,
      limit: 5,
      minScore: 0,
    });
    setFound(results);
  });
  return (
    <Section title="Search">
      <Form label="Search the knowledge base" task={task} submit="Search" busy="Searching...">
        <Field label="Search the knowledge base" name="query" type="search" maxLength="500" required />
      </Form>
      {found && <Results found={found} />}
    </Section>
  );
}

function Results({ found }: { found: readonly Found[] }) {
  if (found.length === 0) return <Empty>Nothing was found.</Empty>;
  return (
    <ol className="list" aria-label="Search results">
      {found.map(({ id, documentTitle, content, relevance, similarityScore }) => (
        <li key={id}>
          <span>
            <strong>{documentTitle}</strong>
            <span className="note">
              {' '}
              {relevance} relevance ({similarityScore})
            </span>
            <br />
            {content.slice(0, 240)}
          </span>
        </li>
      ))}
    </ol>
  );
}
