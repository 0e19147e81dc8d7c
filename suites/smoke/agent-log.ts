import { lastLines } from '../../probes/agent-log.ts';
import type { BodyContext } from '../../runners/body.ts';

/** The agent's log, or null when it was not granted, which is said. An empty log tells nothing either way. */
export async function agentLog(context: BodyContext, assertions: readonly string[]): Promise<readonly string[] | null> {
  const log = context.environment.logs.find(({ service }) => /agent/i.test(service));
  if (!log) {
    context.unmet('a log of the service agent in logs');
    return null;
  }
  const read = await lastLines(log.file);
  if (!read.ok) for (const assertion of assertions) context.breaks(assertion, `the agent's log ${read.because}`);
  else if (read.lines.length === 0) context.unmet("lines in the agent's log");
  else return read.lines;
  return null;
}
