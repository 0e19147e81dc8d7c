import { useState } from 'react';
import { mutate, query } from '../api.ts';
import { Field, Form, Outcome, Section, Show } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';

interface SetUp {
  readonly qrCodeDataUrl: string;
  readonly backupCodes: readonly string[];
  /** For those who cannot photograph the screen; where the API tells it. */
  readonly secret?: string;
}

export function SecondFactor() {
  const status = useLoaded(() => query<{ enabled: boolean }>('mfa.status'));
  return (
    <Section title="Two-factor authentication">
      <Show loaded={status}>
        {({ enabled }) => (enabled ? <Enabled changed={status.reload} /> : <Disabled changed={status.reload} />)}
      </Show>
    </Section>
  );
}

function Disabled({ changed }: { changed: () => void }) {
  const [given, setGiven] = useState<SetUp | undefined>(undefined);
  const starting = useTask(async () => setGiven(await mutate<SetUp>('mfa.setup')));
  const enabling = useTask<Readonly<Record<string, string>>>(async ({ verificationCode, password }) => {
    await mutate('mfa.enable', { verificationCode: verificationCode?.trim(), password });
    changed();
  });
  if (!given) {
    return (
      <>
        <p>Two-factor authentication is off. With it, signing in needs a code from your phone besides your password.</p>
        <Outcome task={starting} />
        <button type="button" disabled={starting.busy} onClick={() => void starting.run()}>
          Set up two-factor authentication
        </button>
      </>
    );
  }
  return (
    <>
      <p>Scan this with your authenticator app, then enter the code it shows.</p>
      <img className="qr" src={given.qrCodeDataUrl} alt="QR code for your authenticator app" />
      {given.secret && (
        <p>
          Or enter this key by hand: <code>{given.secret}</code>
        </p>
      )}
      <BackupCodes codes={given.backupCodes} />
      <Form label="Turn on two-factor authentication" task={enabling} submit="Turn on">
        <Field
          label="Verification code"
          name="verificationCode"
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="\s*[0-9]{6}\s*"
          required
        />
        <Field label="Your password" name="password" type="password" autoComplete="current-password" required />
      </Form>
    </>
  );
}

function Enabled({ changed }: { changed: () => void }) {
  const [codes, setCodes] = useState<readonly string[]>([]);
  const disabling = useTask<Readonly<Record<string, string>>>(async ({ password }) => {
    await mutate('mfa.disable', { password });
    changed();
  });
  const renewing = useTask<Readonly<Record<string, string>>>(async ({ password }) => {
    setCodes((await mutate<{ backupCodes: readonly string[] }>('mfa.regenerateBackupCodes', { password })).backupCodes);
    return 'The codes you had before no longer work.';
  });
  return (
    <>
      <p role="status">Two-factor authentication is on.</p>
      {codes.length > 0 && <BackupCodes codes={codes} />}
      <Form label="New backup codes" task={renewing} submit="Make new backup codes">
        <Field
          label="Password for new backup codes"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      </Form>
      <Form label="Turn off two-factor authentication" task={disabling} submit="Turn off">
        <Field
          label="Password to turn it off"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      </Form>
    </>
  );
}

const BackupCodes = ({ codes }: { codes: readonly string[] }) => (
  <>
    <p>Keep these backup codes in a safe place. Each of them works once, should you lose your phone.</p>
    <ul className="codes" aria-label="Backup codes">
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ul>
  </>
);
