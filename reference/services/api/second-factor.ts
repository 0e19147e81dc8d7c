import { createCipheriv, createDecipheriv, createHmac, randomBytes, scryptSync } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Deployment } from './deployment.ts';

const issuer = 'Platform';
const backupCodes = 10;

/** A code of the authenticator, one step of 30 s either way, or a backup code, which is used up by it. */
export async function factorHolds(deployment: Deployment, userId: string, code: string): Promise<boolean> {
  return (await checkCode(deployment, userId, code)) !== 'wrong';
}

export async function checkCode(
  deployment: Deployment,
  userId: string,
  code: string,
): Promise<'authenticator' | 'backup' | 'wrong'> {
  const row = await deployment.database.service.first<{ mfa_secret: string | null }>(
    'mfa-secret',
    'SELECT mfa_secret FROM users WHERE id = $1',
    [userId],
  );
  if (row?.mfa_secret && codeFits(unlock(deployment, row.mfa_secret), code)) return 'authenticator';
  return (await useBackupCode(deployment, userId, code)) ? 'backup' : 'wrong';
}

/** One statement looks and takes away, so that two sign-ins at once cannot both use it. */
async function useBackupCode(deployment: Deployment, userId: string, code: string): Promise<boolean> {
  const { database, switches } = deployment;
  const hashed = hashCode(deployment, code);
  const kept = switches.on('backup-code-reusable') ? 'mfa_backup_codes' : 'mfa_backup_codes - $2::text';
  const row = await database.service.first(
    switches.on('backup-code-reusable') ? 'mfa-backup-keep' : 'mfa-backup-use',
    `UPDATE users SET mfa_backup_codes = ${kept} WHERE id = $1 AND mfa_backup_codes ? $2::text RETURNING 1`,
    [userId, hashed],
  );
  return row !== undefined;
}

export function codeFits(secret: string, code: string): boolean {
  if (!/^\d{6}$/.test(code)) return false;
  return new TOTP({ issuer, secret: Secret.fromBase32(secret) }).validate({ token: code, window: 1 }) !== null;
}

export function newSecret(email: string) {
  const secret = new Secret({ size: 20 });
  return { secret: secret.base32, otpauthUrl: new TOTP({ issuer, label: email, secret }).toString() };
}

export function newBackupCodes(deployment: Deployment) {
  const codes = Array.from({ length: backupCodes }, () => randomBytes(4).toString('hex'));
  return { codes, hashes: codes.map((code) => hashCode(deployment, code)) };
}

/** Eight random characters of hex are few enough to be tried, so the hash has a key that is not in the database. */
const hashCode = ({ config }: Deployment, code: string): string =>
  createHmac('sha256', config.sessionSecret).update(`backup:${code.toLowerCase()}`).digest('hex');

/** AES-256-GCM, written as hex of iv:ciphertext:tag. */
export function lock(deployment: Deployment, secret: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key(deployment), iv);
  const locked = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return [iv, locked, cipher.getAuthTag()].map((part) => part.toString('hex')).join(':');
}

export function unlock(deployment: Deployment, locked: string): string {
  const [iv, text, tag] = locked.split(':').map((part) => Buffer.from(part, 'hex')) as [Buffer, Buffer, Buffer];
  const cipher = createDecipheriv('aes-256-gcm', key(deployment), iv);
  cipher.setAuthTag(tag);
  return Buffer.concat([cipher.update(text), cipher.final()]).toString('utf8');
}

let derived: { readonly from: string; readonly key: Buffer } | undefined;

/** Derived once: scrypt is slow on purpose. */
function key({ config }: Deployment): Buffer {
  if (derived?.from !== config.sessionSecret)
    derived = { from: config.sessionSecret, key: scryptSync(config.sessionSecret, 'mfa-salt', 32) };
  return derived.key;
}
