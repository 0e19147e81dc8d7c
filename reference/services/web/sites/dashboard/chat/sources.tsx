import { query } from '../api.ts';
import { useLoaded } from '../use.ts';
import type { AnswerMetadata } from './ask.ts';

/** Which documents an answer rests on, and what it cost. */
export function Sources({ about }: { about: AnswerMetadata | undefined }) {
  const ids = [...new Set((about?.rag?.chunks ?? []).map(({ source }) => source))];
  const titles = useLoaded(() => Promise.all(ids.map(titleOf)), [ids.join()]);
  if (!about) return null;
  const cost = about.costUsd === undefined ? '' : ` · $${Number(about.costUsd).toFixed(4)}`;
  const tokens = about.tokensUsed === undefined ? '' : ` · ${about.tokensUsed} tokens`;
  const documents = (titles.value ?? []).filter(Boolean);
  return (
    <p className="note">
      {documents.length > 0 && <>Sources: {documents.join(', ')}. </>}
      {about.model && `${about.model}${tokens}${cost}`}
    </p>
  );
}

/** A document may be gone since; an answer is shown all the same. */
const titleOf = (id: string): Promise<string> =>
  query<{ title: string }>('knowledge.get', { id }).then(
    ({ title }) => title,
    () => '',
  );
