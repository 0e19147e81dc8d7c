import { isError } from '../../probes/agent-log.ts';
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
  if (errors.length < tooMany) context.holds('errors', seen);
  else
    context.breaks(
      'errors',
      `${errors.length} of the last ${last.length} lines are errors, the last: ${errors.at(-1)}`,
      seen,
    );
};
export default body;
