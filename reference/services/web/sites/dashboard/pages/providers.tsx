import { authForm, Refusal, send } from '../api.ts';
import { Outcome } from '../ui/parts.tsx';
import { useLoaded, useTask } from '../use.ts';

const names: Readonly<Record<string, string>> = { google: 'Google', 'microsoft-entra-id': 'Microsoft' };

/** Sign-in by way of somebody who knows the person already; only ways the API offers are shown. */
export function Providers({ callbackUrl }: { callbackUrl: string }) {
  const offered = useLoaded(async () => Object.keys(await (await send('/api/auth/providers')).json()));
  const task = useTask<string>(async (id) => {
    const to = await authForm(`/api/auth/signin/${id}`, { callbackUrl });
    if (to.searchParams.has('error')) throw new Refusal('REFUSED', `${names[id]} sign-in is not available right now.`);
    location.assign(to.href);
  });
  const ids = (offered.value ?? []).filter((id) => names[id]);
  if (ids.length === 0) return null;
  return (
    <div className="providers">
      <p className="note">or</p>
      {ids.map((id) => (
        <button type="button" className="plain" key={id} disabled={task.busy} onClick={() => void task.run(id)}>
          Continue with {names[id]}
        </button>
      ))}
      <Outcome task={task} />
    </div>
  );
}
