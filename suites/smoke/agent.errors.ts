import { isError, saysLevel } from '../../probes/agent-log.ts';
import type { Body } from '../../runners/body.ts';
import { agentLog } from './agent-log.ts';

const looked = 100;
const tooMany = 5;

const body: Body = async (context) => {
  const lines = await agentLog(context, ['errors']);
  if (lines === null) return;
  const last = lines.slice(-looked);
  const errors = last.filter(isError);
  const seen = { expected: `fewer than ${tooMany}`, observed: `${errors.length} in ${last.length} lines` };
  // A log that never says how grave a line is says nothing of there being no errors.
  if (errors.length < tooMany && !lines.some(saysLevel))
    context.unmet('a log of the agent whose lines say their level');
  else if (errors.length < tooMany) context.holds('errors', seen);
  else
    context.breaks(
      'errors',
      `${errors.length} of the last ${last.length} lines are errors, the last: ${errors.at(-1)}`,
      seen,
    );
};
export default body;
