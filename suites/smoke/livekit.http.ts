import { openHttp } from '../../probes/http.ts';
import { httpOf } from '../../probes/livekit.ts';
import type { Body } from '../../runners/body.ts';

const body: Body = async (context) => {
  const { meetings } = context.environment;
  if (meetings === null) {
    context.unmet('meetings');
    return;
  }
  const http = openHttp(context);
  try {
    for (const url of new Set([meetings.url, ...meetings.urls])) {
      const answer = await http.ask(`${httpOf(url)}/`);
      const seen = {
        startMs: answer.startMs,
        expected: '200',
        observed: answer.ok ? `${answer.status}` : answer.because,
      };
      if (answer.ok && answer.status === 200) context.holds('answers', seen);
      else context.breaks('answers', `${url} ${answer.ok ? `answered ${answer.status}` : answer.because}`, seen);
    }
  } finally {
    await http.close();
  }
};
export default body;
