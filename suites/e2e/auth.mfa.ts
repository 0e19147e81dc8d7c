import { expect } from '@playwright/test';
import { Secret, TOTP, URI } from 'otpauth';
import type { Account } from '../../platform/accounts.ts';
import { signIn } from '../../platform/auth.ts';
import { isRecord } from '../../platform/json.ts';
import { pictureOf } from '../../platform/pages/picture.ts';
import { dataOf } from '../../platform/people.ts';
import { readQr } from '../../platform/qr.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { limited } from './limits.ts';
import { atTheDoor, isIn, isLimited, someAccount, tries, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = atTheDoor(async (journey, http) => {
  if (!journey.environment.accounts?.create) return journey.unmet('accounts.create');
  const account = await someAccount(journey, http, 'enrols');
  if (account === null) return;
  const factor = await enrol(journey, account);
  if (factor === null) return;
  await neededEverywhere(journey, http, account, wrongCode(factor.totp));
  const owner = await visitor(journey, 'the owner of the second factor');
  if (!(await isAsked(journey, owner, account))) return;
  await journey.shows('wrong-code-refused', () => refusesCode(journey, owner, wrongCode(factor.totp)));
  await journey.shows('code-accepted', async () => {
    await tries(journey, owner, account);
    // The code of the coming half minute: the present one was spent when the factor was enrolled.
    await enters(journey, owner, factor.totp.generate({ timestamp: Date.now() + 30_000 }));
    await isIn(journey, owner, account.email);
  });
  await backupOnce(journey, account, factor.backupCodes);
});
export default body;

interface Factor {
  readonly totp: TOTP;
  readonly backupCodes: readonly string[];
}

/** Null: said why not. */
async function enrol(journey: Journey, { client, password }: Account): Promise<Factor | null> {
  const reply = await client.mutation('mfa.setup');
  const wrong = whyNoData(reply);
  const data = dataOf(reply);
  if (wrong !== null || !isRecord(data)) {
    journey.breaks('enrols', `mfa.setup: ${wrong ?? 'answered without data'}`);
    return null;
  }
  const totp = totpOf(data) ?? (await totpInPicture(journey, data));
  if (totp === null) {
    journey.unmet(
      'a secret: mfa.setup answered without secret and otpauthUrl, and qrCodeDataUrl is no upright QR code of an otpauth address',
    );
    return null;
  }
  journey.secret(totp.secret.base32);
  const backupCodes = (Array.isArray(data.backupCodes) ? data.backupCodes : []).map(String);
  const enabled = whyNoData(await client.mutation('mfa.enable', { verificationCode: totp.generate(), password }));
  if (enabled === null) journey.holds('enrols', { observed: `${backupCodes.length} backup codes` });
  else journey.breaks('enrols', `a right code did not enable the second factor: mfa.enable ${enabled}`);
  return enabled === null ? { totp, backupCodes } : null;
}

/** RFC 6238 as authenticator apps have it: SHA-1, six digits, half a minute. */
function totpOf({ secret, otpauthUrl }: Record<string, unknown>): TOTP | null {
  if (typeof secret === 'string' && /^[A-Z2-7]+=*$/i.test(secret))
    return new TOTP({ secret: Secret.fromBase32(secret) });
  return totpAt(otpauthUrl);
}

function totpAt(address: unknown): TOTP | null {
  if (typeof address !== 'string' || !address.startsWith('otpauth://totp/')) return null;
  const parsed = URI.parse(address);
  return parsed instanceof TOTP ? parsed : null;
}

/** As the owner reads it, with the camera of a telephone. */
async function totpInPicture(journey: Journey, { qrCodeDataUrl }: Record<string, unknown>): Promise<TOTP | null> {
  if (typeof qrCodeDataUrl !== 'string') return null;
  journey.secret(qrCodeDataUrl);
  const { page } = await journey.person('the telephone of the owner');
  const picture = await pictureOf(page, qrCodeDataUrl);
  return picture && totpAt(readQr(picture));
}

/** A code of no half minute near this one. */
function wrongCode(totp: TOTP): string {
  const near = [-60, -30, 0, 30, 60].map((seconds) => totp.generate({ timestamp: Date.now() + seconds * 1000 }));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code))!;
}

/** The page asks for a code; whoever does not come by the page must be asked, too. */
async function neededEverywhere(journey: Journey, http: Http, account: Account, mfaCode: string): Promise<void> {
  const { email, password } = account;
  const attempts = [
    { assertion: 'asked', what: 'no code', who: { email, password } },
    { assertion: 'wrong-code-refused', what: 'a wrong code', who: { email, password, mfaCode } },
  ];
  for (const { assertion, what, who } of attempts) {
    const tried = await signIn(http, journey.environment.api!, who);
    if (tried.ok) {
      journey.secret(tried.session.token);
      journey.breaks(assertion, `a sign-in over the API with the right password and ${what} was given a session`);
    } else if (tried.refused) journey.holds(assertion, { observed: `over the API: ${tried.because}` });
    else if (isLimited(tried.because)) journey.unmet(limited, assertion);
    else journey.breaks(assertion, `with ${what}: ${tried.because}`);
  }
}

async function isAsked(journey: Journey, owner: Visitor, account: Account): Promise<boolean> {
  return journey.shows('asked', async () => {
    await tries(journey, owner, account, 'giving the right password');
    await journey.sees('no code was asked for', (timeout) => expect(owner.dashboard.code).toBeVisible({ timeout }));
  });
}

async function enters(journey: Journey, { dashboard }: Visitor, code: string): Promise<void> {
  await journey.does('entering the code', () => dashboard.enterCode(code));
}

async function refusesCode(journey: Journey, owner: Visitor, code: string): Promise<void> {
  await enters(journey, owner, code);
  await journey.sees('the page did not say that the code is wrong', (withinMs) => owner.dashboard.refused(withinMs));
  await journey.sees('the user was let in', () => expect(owner.dashboard.inside).toBeHidden({ timeout: 1_000 }));
}

async function backupOnce(journey: Journey, account: Account, codes: readonly string[]): Promise<void> {
  const [code] = codes;
  if (code === undefined) return journey.breaks('backup-code-once', 'enrolling gave no backup codes');
  journey.secret(code);
  const use = async (name: string): Promise<Visitor> => {
    const somebody = await visitor(journey, name);
    await tries(journey, somebody, account);
    await journey.does('entering a backup code', () => somebody.dashboard.enterBackupCode(code));
    return somebody;
  };
  await journey.shows('backup-code-once', async () => {
    await isIn(journey, await use('the owner without their phone'), account.email);
    const again = await use('whoever found the paper');
    await journey.sees('a backup code worked a second time', async (timeout) => {
      await again.dashboard.refused(timeout);
      await expect(again.dashboard.inside).toBeHidden({ timeout: 1_000 });
    });
  });
}
