import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutantsOf, type PolicyRow } from '../../cli/prove/mutants.ts';
import { policyLines, provePolicies } from '../../cli/prove/policies.ts';
import { down, up } from '../../reference/index.ts';

const policy: PolicyRow = {
  table: 'public.messages',
  label: 'public.messages',
  name: 'messages_update',
  command: 'update',
  permissive: true,
  roles: ['public'],
  using:
    '(EXISTS ( SELECT FROM sessions parent WHERE ((parent.id = messages.session_id) AND (parent.tenant_id = get_current_tenant_id()))))',
  check: '(tenant_id = get_current_tenant_id())',
};

test('each condition, each AND, each comparison of a policy has its mutants, and each is taken back', () => {
  const mutants = mutantsOf(policy, 'app.t');
  expect(mutants.map(({ what }) => what)).toEqual([
    'USING true',
    'USING AND 1 as OR',
    'USING parent.id = messages.session_id as parent.id = parent.id',
    'USING parent.tenant_id = get_current_tenant_id() as parent.tenant_id = parent.tenant_id',
    'USING with nobody let in',
    'USING with the empty setting let in',
    'WITH CHECK true',
    'WITH CHECK tenant_id = get_current_tenant_id() as tenant_id = tenant_id',
    'dropped',
  ]);
  expect(mutants[1]!.plant).toContain('(parent.id = messages.session_id) OR (parent.tenant_id');
  expect(mutants[1]!.lift).toBe(`alter policy "messages_update" on public.messages using (${policy.using})`);
  expect(mutants.at(-1)!.lift).toBe(
    `create policy "messages_update" on public.messages as permissive for update to public using (${policy.using}) with check (${policy.check})`,
  );
});

test('every mutant of a few policies of the reference is seen, and the policies are as before', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sd-mutants-'));
  try {
    const deployment = await up({ directory, only: ['postgres'], endWithCaller: true });
    const said: string[] = [];
    const proof = await provePolicies({
      deployment,
      tables: ['data_requests'],
      signal: new AbortController().signal,
      say: (line) => said.push(line),
    });
    expect(proof, policyLines(proof).join('\n')).toMatchObject({
      policies: 4,
      proven: true,
      unchanged: true,
      survivors: [],
    });
    expect(proof.mutants).toBeGreaterThan(25);
    expect(policyLines(proof)[1]).toContain('kill rate 100 %');
  } finally {
    await down(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}, 900_000);
