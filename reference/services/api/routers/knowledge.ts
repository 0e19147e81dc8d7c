import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { embed, vectorText } from '../../common/embedding.ts';
import type { SessionUser } from '../../common/sessions.ts';
import type { Switches } from '../../common/switches.ts';
import type { Deployment } from '../deployment.ts';
import { type Chunk, chunk, type Piece, retrieve } from '../retrieval.ts';
import {
  adminProcedure,
  badRequest,
  internal,
  notFound,
  ownerProcedure,
  plantedTooLate,
  router,
  tenantProcedure,
  widely,
} from '../trpc.ts';
import { byId, contains, filters, id, page, paged } from './shapes.ts';

const title = z.string().min(1).max(500);
const content = z.string().min(1).max(900_000);
const category = z.string().min(1).max(100);
const metadata = z.object({
  source: z.string().max(500).optional(),
  url: z.url().max(2000).optional(),
  author: z.string().max(200).optional(),
  tags: z.array(z.string().max(100)).max(50).optional(),
});
const file = z.object({
  name: z.string().min(1).max(300),
  type: z.enum(['text/plain', 'text/markdown', 'application/json', 'text/csv']),
  size: z.number().int().min(0).max(10_000_000),
  data: z.base64(),
});
const chunkOptions = z.object({
  chunkSize: z.number().int().min(100).max(2000).default(1400),
  overlapSize: z.number().int().min(0).max(1000).default(250),
  preserveSentences: z.boolean().default(true),
});

const columns = `id, title, content, category, metadata, created_at AS "createdAt", updated_at AS "updatedAt"`;

interface Document {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly category: string | null;
  readonly metadata: unknown;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface NewDocument {
  readonly title: string;
  readonly content: string;
  readonly category?: string | undefined;
  readonly metadata?: unknown;
}

interface Uploader {
  readonly sql: Sql;
  readonly user: SessionUser;
  readonly deployment: Deployment;
}

export const knowledge = router({
  list: tenantProcedure
    .input(z.object({ ...page, category: category.optional(), search: z.string().max(200).optional() }))
    .query(async ({ ctx, input }) => {
      const filter = filters(ctx.deployment.switches, [
        input.category ?? null,
        input.search === undefined ? null : contains(input.search),
      ]);
      const where = '($1::text IS NULL OR category = $1) AND ($2::text IS NULL OR title ILIKE $2)';
      const chunks = '(SELECT count(*)::int FROM knowledge_chunks c WHERE c.document_id = d.id) AS "chunkCount"';
      const listing = {
        name: 'documents',
        columns: `${columns}, ${chunks}`,
        from: `knowledge_documents d WHERE ${where}`,
        order: 'created_at DESC, id',
        values: filter,
      };
      const { rows, total, hasMore } = await paged<Document & { chunkCount: number }>(
        widely(ctx, ctx.deployment.switches.on('foreign-documents-listed')),
        listing,
        input,
        ctx.deployment.switches,
      );
      return { documents: rows, total, hasMore };
    }),

  get: tenantProcedure.input(byId).query(({ ctx, input }) => one(ctx.sql, input.id)),

  create: adminProcedure
    .input(z.object({ title, content, category: category.optional(), metadata: metadata.optional() }))
    .mutation(async ({ ctx, input }) => {
      const document = await add(ctx.sql, ctx.user.tenantId, input);
      await index(ctx.sql, ctx.user.tenantId, document.id, chunk(input.content, 1400, 250));
      return document;
    }),

  update: adminProcedure
    .input(
      z.object({
        id,
        title: title.optional(),
        content: content.optional(),
        category: category.optional(),
        metadata: metadata.optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const row = await change(ctx.sql, input);
      if (!row) {
        await plantedTooLate(ctx, (sql) => change(sql, input));
        throw notFound('Document');
      }
      if (input.content !== undefined) await index(ctx.sql, ctx.user.tenantId, row.id, chunk(input.content, 1400, 250));
      return row;
    }),

  delete: ownerProcedure.input(byId).mutation(async ({ ctx, input }) => {
    const row = await ctx.sql.first('documents-delete', 'DELETE FROM knowledge_documents WHERE id = $1 RETURNING id', [
      input.id,
    ]);
    if (!row) throw notFound('Document');
    return { id: input.id, deleted: true };
  }),

  upload: adminProcedure
    .input(
      z.object({
        title,
        content,
        category: category.optional(),
        metadata: metadata.optional(),
        file: file.optional(),
        chunkOptions: chunkOptions.prefault({}),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { document, pieces } = await upload(ctx, input, input.chunkOptions);
      const { id, title, category, metadata, createdAt } = document;
      return { id, title, category, metadata, createdAt, processingStats: stats(pieces) };
    }),

  uploadBatch: adminProcedure
    .input(
      z.object({
        files: z
          .array(z.object({ title, content, category: category.optional() }))
          .min(1)
          .max(20),
        chunkOptions: chunkOptions.prefault({}),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const documents = [];
      for (const one of input.files) {
        const { document, pieces } = await upload(ctx, one, input.chunkOptions);
        const { chunksCreated, totalTokens, estimatedCost } = stats(pieces);
        const { id, title, category } = document;
        documents.push({ id, title, category, chunksCreated, totalTokens, estimatedCost });
      }
      return { documents: documents.map(({ estimatedCost: _, ...row }) => row), summary: summary(documents) };
    }),

  search: tenantProcedure
    .input(
      z.object({
        query: z.string().min(1).max(2000),
        limit: z.number().int().min(1).max(20).default(5),
        category: category.optional(),
        minScore: z.number().min(0).max(1).default(0.7),
      }),
    )
    .query(async ({ ctx, input }) => {
      if (ctx.deployment.switches.on('embeddings-off')) throw internal('no key for embeddings');
      const found = await retrieve(
        widely(ctx, ctx.deployment.switches.on('foreign-documents-found')),
        input.query,
        input,
        ctx.deployment.switches,
      );
      return { results: found.map(result), total: found.length, query: input.query, minScore: input.minScore };
    }),
});

function result({ score, ...chunk }: Chunk) {
  return {
    ...chunk,
    similarityScore: score.toFixed(4),
    relevance: score >= 0.85 ? 'high' : score >= 0.7 ? 'medium' : 'low',
  };
}

async function one(sql: Sql, documentId: string): Promise<Document> {
  const row = await sql.first<Document>('documents-get', `SELECT ${columns} FROM knowledge_documents WHERE id = $1`, [
    documentId,
  ]);
  if (!row) throw notFound('Document');
  return row;
}

async function change(
  sql: Sql,
  { id, title, content, category, metadata }: Partial<NewDocument> & { readonly id: string },
): Promise<Document | undefined> {
  return sql.first<Document>(
    'documents-update',
    `UPDATE knowledge_documents SET title = coalesce($2, title), content = coalesce($3, content), category = coalesce($4, category),
       metadata = coalesce($5, metadata), updated_at = now() WHERE id = $1 RETURNING ${columns}`,
    [id, title ?? null, content ?? null, category ?? null, metadata ? JSON.stringify(metadata) : null],
  );
}

async function add(sql: Sql, tenantId: string, { title, content, category, metadata }: NewDocument): Promise<Document> {
  const row = await sql.first<Document>(
    'documents-add',
    `INSERT INTO knowledge_documents (tenant_id, title, content, category, metadata) VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
    [tenantId, title, content, category ?? null, JSON.stringify(metadata ?? {})],
  );
  return row!;
}

/** Puts these pieces in place of what the document was found by before. */
async function index(sql: Sql, tenantId: string, documentId: string, pieces: readonly Piece[]): Promise<void> {
  await sql.rows('chunks-drop', 'DELETE FROM knowledge_chunks WHERE document_id = $1', [documentId]);
  await sql.rows(
    'chunks-add',
    `INSERT INTO knowledge_chunks (document_id, tenant_id, content, embedding, position, start_offset, end_offset, token_count)
     SELECT $1, $2, content, embedding::vector, position - 1, start_offset, end_offset, ceil(length(content) / 4.0)::int
     FROM unnest($3::text[], $4::text[], $5::int[], $6::int[]) WITH ORDINALITY AS piece (content, embedding, start_offset, end_offset, position)`,
    [
      documentId,
      tenantId,
      pieces.map((piece) => piece.content),
      pieces.map((piece) => vectorText(embed(piece.content))),
      pieces.map((piece) => piece.start),
      pieces.map((piece) => piece.end),
    ],
  );
}

/** As it is, but for planted faults. */
function asStored(switches: Switches, content: string): string {
  const cut = switches.on('upload-cut') ? content.slice(0, 40) : content;
  return switches.on('upload-mangled') ? Buffer.from(cut, 'utf8').toString('latin1') : cut;
}

async function upload(ctx: Uploader, input: NewDocument, { chunkSize, overlapSize }: z.infer<typeof chunkOptions>) {
  const { sql, user, deployment } = ctx;
  const { switches } = deployment;
  if (switches.on('embeddings-off')) throw internal('no key for embeddings');
  if (overlapSize >= chunkSize) throw badRequest('overlapSize must be less than chunkSize');
  const given = { ...input, content: asStored(switches, input.content) };
  const document = await add(sql, user.tenantId, given);
  const pieces = chunk(given.content, chunkSize, overlapSize);
  await index(sql, user.tenantId, document.id, switches.on('upload-first-piece') ? pieces.slice(0, 1) : pieces);
  if (switches.on('upload-lost'))
    await sql.rows('documents-lose', 'DELETE FROM knowledge_documents WHERE id = $1', [document.id]);
  return { document, pieces };
}

function summary(rows: readonly { chunksCreated: number; totalTokens: number; estimatedCost: number }[]) {
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    totalDocuments: rows.length,
    totalChunks: sum((row) => row.chunksCreated),
    totalTokens: sum((row) => row.totalTokens),
    estimatedCost: sum((row) => row.estimatedCost),
  };
}

function stats(pieces: readonly Piece[]) {
  const characters = pieces.reduce((sum, piece) => sum + piece.content.length, 0);
  const totalTokens = Math.ceil(characters / 4);
  return {
    chunksCreated: pieces.length,
    totalTokens,
    estimatedCost: (totalTokens * 0.1) / 1e6,
    avgChunkSize: pieces.length === 0 ? 0 : Math.round(characters / pieces.length),
  };
}
