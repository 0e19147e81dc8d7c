import { isRecord, jsonOf } from '../../platform/json.ts';
import { lastLines, variablesSet } from '../../probes/agent-log.ts';
import { openHttp } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const body: Body = async (context) => {
  const { agent } = context.environment;
  if (agent?.environment) await variables(context, agent.environment, agent.variables);
  if (agent?.url) await health(context, agent.url);
};
export default body;

/** Names only: the values are secrets and are not looked at. */
async function variables(context: BodyContext, file: string, required: readonly string[]): Promise<void> {
  const read = await lastLines(file);
  if (!read.ok) return context.breaks('variables', `the file of the agent's settings ${read.because}`);
  const set = variablesSet(read.lines);
  const missing = required.filter((name) => !set.has(name));
  const expected = required.join(', ');
  if (missing.length === 0) context.holds('variables', { expected, observed: `all ${required.length} are set` });
  else context.breaks('variables', `${missing.join(', ')} is not set`, { expected });
}

async function health(context: BodyContext, url: string): Promise<void> {
  const http = openHttp(context);
  try {
    const answer = await http.ask(`${url}/health`);
    const expected = '200 and a status of healthy or ok';
    if (!answer.ok) return context.breaks('health', `${url}/health: ${answer.because}`, { expected });
    const value = jsonOf(answer.body);
    const status = isRecord(value) ? String(value.status ?? '') : '';
    const observed = `${answer.status} ${answer.body.subarray(0, 120).toString('utf8')}`;
    if (answer.status === 200 && /^(healthy|ok|up|running)$/i.test(status))
      context.holds('health', { expected, observed });
    else context.breaks('health', `/health does not say that the agent is well: ${observed}`, { expected, observed });
  } finally {
    await http.close();
  }
}
