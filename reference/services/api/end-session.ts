import type { Deployment } from './deployment.ts';

/** Signs out: everywhere the cookie went, at once. */
export async function endSession({ sessions, switches }: Deployment, token: string): Promise<void> {
  if (!switches.on('sign-out-keeps')) await sessions.end(token);
}
