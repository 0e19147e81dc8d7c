import type { Sql } from '../common/database.ts';
import { embed, vectorText } from '../common/embedding.ts';
import type { Switches } from '../common/switches.ts';

export interface Chunk {
  readonly id: string;
  readonly documentId: string;
  readonly documentTitle: string;
  readonly category: string | null;
  readonly content: string;
  readonly position: number;
  readonly metadata: unknown;
  readonly score: number;
}

export interface Wanted {
  readonly limit: number;
  readonly minScore: number;
  readonly category?: string | undefined;
}

/**
 * The tenant's own chunks nearest to the question. The tenant's chunks are gathered first and compared one by one: an
 * approximate index over all tenants' chunks may return none of a small tenant's.
 */
export function retrieve(
  sql: Sql,
  question: string,
  { limit, minScore, category }: Wanted,
  switches: Switches,
): Promise<Chunk[]> {
  const blind = switches.on('search-blind') ? `AND d.created_at < now() - interval '1 hour'` : '';
  const order = switches.on('search-unranked') ? 'created_at' : 'score';
  return sql.rows<Chunk>(
    `chunks-by-${order}${blind ? '-old' : ''}`,
    `WITH own AS MATERIALIZED (
       SELECT c.id, c.document_id, d.title, d.category, c.content, c.position, c.metadata, 1 - (c.embedding <=> $1::vector) AS score, d.created_at
       FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id
       WHERE ($4::text IS NULL OR d.category = $4) ${blind}
     )
     SELECT id, document_id AS "documentId", title AS "documentTitle", category, content, position, metadata, score
     FROM own WHERE score >= $2 ORDER BY ${order} DESC, id LIMIT $3`,
    [vectorText(embed(question)), minScore, limit, category ?? null],
  );
}

export interface Piece {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

/** Cuts a text into overlapping pieces, at the end of a sentence or a word where there is one near. */
export function chunk(text: string, size: number, overlap: number): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + size >= text.length ? text.length : cutBefore(text, start, start + size);
    const content = text.slice(start, end).trim();
    if (content) pieces.push({ content, start, end });
    if (end >= text.length) break;
    start = Math.max(start + 1, end - overlap);
  }
  return pieces;
}

function cutBefore(text: string, start: number, limit: number): number {
  const earliest = start + Math.floor((limit - start) / 2);
  for (const mark of ['\n\n', '. ', '\n', ' ']) {
    const at = text.lastIndexOf(mark, limit - 1);
    if (at >= earliest) return at + mark.length;
  }
  return limit;
}
