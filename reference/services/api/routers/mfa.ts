import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { passwordHolds } from '../accounts.ts';
import type { Deployment } from '../deployment.ts';
import { qrCode } from '../qr-code.ts';
import { checkCode, codeFits, lock, newBackupCodes, newSecret, unlock } from '../second-factor.ts';
import { badRequest, router, userProcedure } from '../trpc.ts';

const password = z.string().min(8).max(128);
const withPassword = z.object({ password });

export const mfa = router({
  /** The secret waits until `enable` has seen a code made with it; until then nothing changes at sign-in. */
  setup: userProcedure.mutation(async ({ ctx: { deployment, user } }) => {
    if (await enabled(deployment, user.id)) throw badRequest('A second factor is already enabled');
    const { secret, otpauthUrl } = newSecret(user.email);
    const { codes, hashes } = newBackupCodes(deployment);
    await deployment.database.service.rows(
      'mfa-setup',
      'UPDATE users SET mfa_secret = $2, mfa_backup_codes = $3 WHERE id = $1 AND NOT mfa_enabled',
      [user.id, lock(deployment, secret), JSON.stringify(hashes)],
    );
    return { qrCodeDataUrl: qrCode(otpauthUrl), backupCodes: codes, secret, otpauthUrl };
  }),

  enable: userProcedure
    .input(withPassword.extend({ verificationCode: z.string().regex(/^\d{6}$/, 'six digits') }))
    .mutation(async ({ ctx: { deployment, user }, input }) => {
      await needPassword(deployment, user.id, input.password);
      const row = await deployment.database.service.first<{ mfa_secret: string | null; mfa_enabled: boolean }>(
        'mfa-pending',
        'SELECT mfa_secret, mfa_enabled FROM users WHERE id = $1',
        [user.id],
      );
      if (row?.mfa_enabled) throw badRequest('A second factor is already enabled');
      if (!row?.mfa_secret) throw badRequest('Begin with setup');
      const fits = codeFits(unlock(deployment, row.mfa_secret), input.verificationCode);
      if (!fits || deployment.switches.on('mfa-enable-broken')) throw badRequest('Wrong code');
      await deployment.database.service.rows('mfa-enable', 'UPDATE users SET mfa_enabled = true WHERE id = $1', [
        user.id,
      ]);
      return { success: true, message: 'Second factor enabled' };
    }),

  disable: userProcedure.input(withPassword).mutation(async ({ ctx: { deployment, user }, input }) => {
    await needPassword(deployment, user.id, input.password);
    await deployment.database.service.rows(
      'mfa-disable',
      'UPDATE users SET mfa_enabled = false, mfa_secret = NULL, mfa_backup_codes = NULL WHERE id = $1',
      [user.id],
    );
    return { success: true, message: 'Second factor disabled' };
  }),

  regenerateBackupCodes: userProcedure.input(withPassword).mutation(async ({ ctx: { deployment, user }, input }) => {
    await needPassword(deployment, user.id, input.password);
    if (!(await enabled(deployment, user.id))) throw badRequest('No second factor is enabled');
    const { codes, hashes } = newBackupCodes(deployment);
    await deployment.database.service.rows('mfa-backup-codes', 'UPDATE users SET mfa_backup_codes = $2 WHERE id = $1', [
      user.id,
      JSON.stringify(hashes),
    ]);
    return { backupCodes: codes };
  }),

  verify: userProcedure
    .input(z.object({ code: z.string().min(6).max(8) }))
    .mutation(async ({ ctx: { deployment, user }, input }) => {
      if (!(await enabled(deployment, user.id))) throw badRequest('No second factor is enabled');
      const found = await checkCode(deployment, user.id, input.code);
      return { valid: found !== 'wrong', usedBackupCode: found === 'backup' };
    }),

  status: userProcedure.query(async ({ ctx: { deployment, user } }) => ({
    enabled: await enabled(deployment, user.id),
  })),
});

async function enabled({ database }: Deployment, userId: string): Promise<boolean> {
  const find = 'SELECT mfa_enabled FROM users WHERE id = $1';
  const row = await database.service.first<{ mfa_enabled: boolean }>('mfa-status', find, [userId]);
  return row?.mfa_enabled ?? false;
}

async function needPassword(deployment: Deployment, userId: string, password: string): Promise<void> {
  if (!(await passwordHolds(deployment, userId, password)))
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Wrong password' });
}
