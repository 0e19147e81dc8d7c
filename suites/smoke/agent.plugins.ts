import { type PluginKind, pluginLine, sinceStart } from '../../probes/agent-log.ts';
import type { Body } from '../../runners/body.ts';
import { agentLog } from './agent-log.ts';

const kinds: readonly PluginKind[] = ['voice', 'vision'];

const body: Body = async (context) => {
  const lines = await agentLog(context, kinds);
  if (lines === null) return;
  const { lines: since, started } = sinceStart(lines);
  const found = kinds.map((kind) => ({ kind, line: pluginLine(since, kind) }));
  // Plugins are named once, at the start, which a log that was rotated has no longer.
  if (!started && found.every(({ line }) => line === null))
    return context.unmet('a log of the agent that reaches back to its start');
  for (const { kind, line } of found) {
    const expected = `a line that says a plugin for ${kind} was loaded`;
    if (line !== null) context.holds(kind, { expected, observed: line });
    else context.breaks(kind, `none of the ${since.length} lines since the agent started says so`, { expected });
  }
};
export default body;
