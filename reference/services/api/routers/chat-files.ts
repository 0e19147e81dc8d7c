import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { keepFile, newPath, signedUrl } from '../files.ts';
import { badRequest, notFound, userProcedure } from '../trpc.ts';
import { open, tenantOfSession } from './sessions.ts';
import { id } from './shapes.ts';

interface FileRow {
  readonly id: string;
  readonly fileName: string;
  readonly fileType: string;
  readonly fileSize: number;
  readonly uploadedAt: Date;
}

const columns = `id, file_name AS "fileName", file_type AS "fileType", file_size AS "fileSize", uploaded_at AS "uploadedAt"`;
const mediaType = z.string().regex(/^[a-z]+\/[a-z0-9.+-]{1,100}$/, 'a media type, such as image/png');

export const chatFiles = {
  uploadChatFile: userProcedure
    .input(
      z.object({
        sessionId: id,
        fileName: z.string().min(1).max(300),
        fileType: mediaType,
        fileSize: z.number().int().min(0).max(10_000_000),
        fileContent: z.base64(),
      }),
    )
    .mutation(async ({ ctx: { deployment, user, inTenant }, input }) => {
      const bytes = Buffer.from(input.fileContent, 'base64');
      if (bytes.length !== input.fileSize)
        throw badRequest(`fileSize is ${input.fileSize}, the file has ${bytes.length}`);
      const planted = deployment.switches.on('foreign-uploads');
      const tenantId = planted ? await tenantOfSession(deployment.database.service, input.sessionId) : user.tenantId;
      const path = newPath(tenantId, input.sessionId, input.fileName);
      const made = await (planted ? deployment.database.inTenant(tenantId, keep) : inTenant(keep));
      return { fileId: made!.id, fileUrl: signedUrl(deployment, made!.id), fileName: input.fileName };

      async function keep(sql: Sql) {
        await open(sql, input.sessionId);
        await keepFile(deployment, path, bytes);
        return sql.first<{ id: string }>(
          'file-add',
          `INSERT INTO chat_files (tenant_id, user_id, session_id, file_name, file_path, file_type, file_size)
           VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
          [tenantId, planted ? null : user.id, input.sessionId, input.fileName, path, input.fileType, bytes.length],
        );
      }
    }),

  getChatFile: userProcedure.input(z.object({ fileId: id })).query(async ({ ctx, input }) => {
    const find = `SELECT ${columns} FROM chat_files WHERE id = $1`;
    const { deployment, inTenant } = ctx;
    const row = deployment.switches.on('foreign-files')
      ? await deployment.database.service.first<FileRow>('file-get-any', find, [input.fileId])
      : await inTenant((sql) => sql.first<FileRow>('file-get', find, [input.fileId]));
    if (!row) throw notFound('File');
    const { id: fileId, ...rest } = row;
    return { fileId, ...rest, fileUrl: signedUrl(deployment, fileId) };
  }),
};
