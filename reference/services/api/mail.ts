import { log, text } from '../common/log.ts';
import type { Deployment } from './deployment.ts';

export interface Message {
  readonly channel: 'email' | 'sms' | 'call';
  readonly to: string;
  readonly kind: 'verify' | 'reset' | 'survey';
  readonly subject: string;
  readonly text: string;
  readonly token?: string;
  readonly link?: string;
}

/** Hands a message to its provider; false when the provider did not take it. */
export async function send({ config }: Pick<Deployment, 'config'>, message: Message): Promise<boolean> {
  try {
    const response = await fetch(config.outbox.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${config.outbox.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(5000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch (error) {
    log('warn', 'message not sent', { channel: message.channel, kind: message.kind, error: text(error) });
    return false;
  }
}

/** A link that leads back into the dashboard, and the token by itself for whoever reads mail without a browser. */
export function tokenMail(deployment: Deployment, to: string, kind: 'verify' | 'reset', token: string) {
  const page = kind === 'verify' ? 'verify-email' : 'reset-password';
  const link = `${dashboard(deployment)}/${page}?token=${token}`;
  const [subject, sentence] =
    kind === 'verify'
      ? ['Verify your e-mail address', 'To verify your e-mail address, open']
      : ['Reset your password', 'To choose a new password within the hour, open'];
  return send(deployment, { channel: 'email', to, kind, subject, text: `${sentence} ${link}`, token, link });
}

export const dashboard = ({ config }: Pick<Deployment, 'config'>): string =>
  `https://localhost:${config.ports.web.dashboard.https}`;
