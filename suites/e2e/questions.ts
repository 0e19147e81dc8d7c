import type { Account } from '../../platform/accounts.ts';
import type { Asked } from '../../platform/assistant.ts';
import { makeSession, raisePlan, useAccount } from '../../platform/people.ts';
import type { Http } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import { notStarted } from './room.ts';

/** Somebody with a chat session, on a plan whose limits allow for what a check asks. */
export interface Asker {
  readonly account: Account;
  readonly sessionId: string;
  /** False: the tenant's plan could not be raised, so its limits are kept to. */
  readonly raised: boolean;
}

/** Null: said why not. */
export async function useAsker(context: BodyContext, http: Http, assertion: string): Promise<Asker | null> {
  const use = await useAccount(context, http);
  if (use.kind !== 'account') return notStarted(context, assertion, use);
  const raised = await raisePlan(context, [use.account]);
  const session = await makeSession(use.account);
  if (session.ok) return { account: use.account, sessionId: session.id, raised };
  context.breaks(assertion, session.because);
  return null;
}

/** A refusal for asking too often is a limit that works; what is left to look at is not verified. */
export function failedToAsk(context: BodyContext, assertion: string, asked: Extract<Asked, { ok: false }>): void {
  if (asked.limited)
    context.unmet('a plan that allows for the questions of this check (database.serviceUrl raises it)', assertion);
  else context.breaks(assertion, asked.because, { startMs: asked.startMs });
}
