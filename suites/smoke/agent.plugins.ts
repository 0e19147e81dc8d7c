import { type PluginKind, pluginLine, sinceStart } from '../../probes/agent-log.ts';
import type { Body } from '../../runners/body.ts';
import { agentLog } from './agent-log.ts';

const kinds: readonly PluginKind[] = ['voice', 'vision'];

const body: Body = async (context) => {
  const lines = await agentLog(context, kinds);
  if (lines === null) return;
  const since = sinceStart(lines);
  for (const kind of kinds) {
    const line = pluginLine(since, kind);
    const expected = `a line that says a plugin for ${kind} was loaded`;
    if (line !== null) context.holds(kind, { expected, observed: line });
    else context.breaks(kind, `none of the ${since.length} lines since the agent started says so`, { expected });
  }
};
export default body;
