import { stripTypeScriptTypes } from 'node:module';
import { Script } from 'node:vm';
import { type Answered, openHttp } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { isSecure, wrongWithAsset } from '../pages.ts';

/** Shorter than this is no widget and hardly a loader. */
const fewestBytes = 200;

const body: Body = async (context) => {
  const { widget } = context.environment.web;
  if (widget === null) {
    context.unmet('web.widget');
    return;
  }
  const http = openHttp(context);
  try {
    // Asked as a script of a customer's page would be.
    const answer = await http.follow(widget, {
      headers: { origin: `https://${context.scope}.example`, accept: '*/*' },
    });
    if (answer.ok) look(context, answer);
    else for (const assertion of ['script', 'parses', 'embeddable']) context.breaks(assertion, answer.because);
  } finally {
    await http.close();
  }
};
export default body;

function look(context: BodyContext, answer: Answered): void {
  const wrong = wrongWithScript(answer);
  const type = answer.headers.get('content-type') ?? 'no content type';
  record(context, 'script', wrong, `${answer.status} with ${answer.body.length} bytes, ${type}`);
  if (wrong === null) lookInside(context, answer);
  else for (const assertion of ['parses', 'embeddable']) context.breaks(assertion, wrong);
}

function lookInside(context: BodyContext, answer: Answered): void {
  const grammar = grammarOf(answer.body.toString('utf8'));
  const module = grammar.ok && grammar.kind === 'module';
  record(
    context,
    'parses',
    grammar.ok ? null : grammar.because,
    grammar.ok ? `a whole ${grammar.kind}` : grammar.because,
  );
  record(context, 'embeddable', wrongWithEmbedding(answer, module), policyOf(answer));
}

function wrongWithScript(answer: Answered): string | null {
  const wrong = wrongWithAsset({ kind: 'script' }, answer);
  if (wrong !== null) return `the widget script ${wrong}`;
  if (!isSecure(answer.url)) return 'the widget script is served over plain HTTP';
  return answer.body.length < fewestBytes ? `the widget script has only ${answer.body.length} bytes` : null;
}

type Grammar =
  | { readonly ok: true; readonly kind: 'script' | 'module' }
  | { readonly ok: false; readonly because: string };

/** Compiled and never run. */
function grammarOf(source: string): Grammar {
  if (source.trim() === '') return { ok: false, because: 'the widget script is empty' };
  try {
    new Script(source);
    return { ok: true, kind: 'script' };
  } catch (error) {
    return isModule(source)
      ? { ok: true, kind: 'module' }
      : { ok: false, because: `the widget script does not parse: ${error instanceof Error ? error.message : error}` };
  }
}

/** Node compiles a module's text without running it only behind a flag; its type stripper parses it as well. */
function isModule(source: string): boolean {
  if (!/^\s*(?:import|export)\b|[;}\s](?:import|export)\s*[{*"'a-z]/m.test(source)) return false;
  try {
    stripTypeScriptTypes(source);
    return true;
  } catch {
    return false;
  }
}

const policyOf = ({ headers }: Answered): string =>
  `Cross-Origin-Resource-Policy ${headers.get('cross-origin-resource-policy') ?? '(none)'}, Access-Control-Allow-Origin ${headers.get('access-control-allow-origin') ?? '(none)'}`;

/** A classic script is kept out by its resource policy, a module by a missing CORS header. */
function wrongWithEmbedding({ headers }: Answered, module: boolean): string | null {
  const policy = headers.get('cross-origin-resource-policy')?.trim().toLowerCase();
  if (policy === 'same-origin' || policy === 'same-site')
    return `its resource policy is ${policy}, so browsers keep it out of customer pages`;
  if (module && headers.get('access-control-allow-origin') === null)
    return 'it is a module without a CORS header, so browsers keep it out of customer pages';
  return null;
}

function record(context: BodyContext, assertion: string, wrong: string | null, observed: string): void {
  if (wrong === null) context.holds(assertion, { observed });
  else context.breaks(assertion, wrong, { observed });
}
