import { decoded, encodingOf, fetchable } from '../../platform/sites.ts';
import type { Answered, Http } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import { onEverySite } from '../pages.ts';

/** What fits into one packet is not worth compressing, and many servers do not. */
const worthBytes = 1400;

export default onEverySite(['html', 'assets'], async (context, http, { name, url }, { assets }) => {
  await compare(context, http, 'html', url, `the page of ${name}`);
  const ours = fetchable(context.environment, assets).filter(({ kind }) => kind === 'script' || kind === 'style');
  for (const asset of ours) await compare(context, http, 'assets', asset.url, `the ${asset.kind} ${asset.url}`);
});

async function compare(context: BodyContext, http: Http, assertion: string, url: string, what: string): Promise<void> {
  const [plain, packed] = [await fetchAs(http, url, 'identity'), await fetchAs(http, url, 'gzip, br')];
  const trouble = !plain.ok ? plain.because : !packed.ok ? packed.because : null;
  if (trouble !== null) return context.breaks(assertion, `${what} ${trouble}`);
  if (!plain.ok || !packed.ok) return;
  const observed = `${what}: ${encodingOf(packed.answer)}, ${packed.answer.body.length} of ${plain.answer.body.length} bytes`;
  const seen = { expected: 'gzip or br, and the same content', observed };
  const asBefore = async () => {
    const again = await fetchAs(http, url, 'identity');
    return again.ok && again.answer.body.equals(plain.answer.body);
  };
  const wrong = await wrongWith(plain.answer, packed.answer, asBefore);
  if (wrong === null) context.holds(assertion, seen);
  else context.breaks(assertion, `${what} ${wrong}`, seen);
}

type Got = { readonly ok: true; readonly answer: Answered } | { readonly ok: false; readonly because: string };

async function fetchAs(http: Http, url: string, encoding: string): Promise<Got> {
  const answer = await http.follow(url, { headers: { 'accept-encoding': encoding, accept: '*/*' } });
  if (!answer.ok) return answer;
  return answer.status === 200 ? { ok: true, answer } : { ok: false, because: `answered ${answer.status}` };
}

async function wrongWith(plain: Answered, packed: Answered, asBefore: () => Promise<boolean>): Promise<string | null> {
  const [raw, unpacked] = await Promise.all([decoded(plain), decoded(packed)]);
  if (raw === null || unpacked === null) return `does not decode as the ${encodingOf(packed)} it says it is`;
  // What is made anew for each request, with a nonce of its own for its policy, is never the same twice; that it unpacks is all.
  if (!raw.equals(unpacked) && (await asBefore())) return 'is another content compressed than plain';
  if (encodingOf(packed) !== 'identity' || raw.length < worthBytes) return null;
  return `is sent uncompressed (${raw.length} bytes)`;
}
