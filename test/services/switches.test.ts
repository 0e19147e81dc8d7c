import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asBuilt, switchRows } from '../../reference/services/common/switch-rows.ts';
import { Switches } from '../../reference/services/common/switches.ts';

const services = join(import.meta.dirname, '../../reference/services');
const kinds = ['api', 'realtime', 'web', 'models', 'stubs'] as const;

/** Names a service's sources read: `switches.on('…')` and the like; `delay('x')` reads `x-latency-ms` and its share. */
function namesRead(service: string): string[] {
  const files = readdirSync(join(services, service), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const source = files.map((name) => readFileSync(join(services, service, name), 'utf8')).join('\n');
  const direct = [...source.matchAll(/switches\s*\.(?:on|number|value|names|hit)\(\s*'([\w-]+)'/g)].map(
    ([, name]) => name!,
  );
  const listened = [...source.matchAll(/(?:changed ===|name !==) '([\w-]+)'/g)].map(([, name]) => name!);
  const whileOn = [...source.matchAll(/whileOn\(switches, '([\w-]+)'/g)].map(([, name]) => name!);
  const delays = [...source.matchAll(/(?:delay|delayMs)\('(\w+)'\)/g)].map(([, prefix]) => prefix!);
  if (service === 'api') delays.push('api', 'search', 'chat');
  const faster = /switches\.faster\b/.test(source) ? ['timers-faster'] : [];
  const latencies = delays.flatMap((prefix) => [`${prefix}-latency-ms`, `${prefix}-latency-share`]);
  return [...new Set([...direct, ...listened, ...whileOn, ...latencies, ...faster])].sort();
}

describe('the list of switches', () => {
  test.each(kinds)('of %s names exactly what its sources read', (service) => {
    const listed = switchRows.filter((row) => row.service === service).map((row) => row.name);
    expect(listed.sort()).toEqual(namesRead(service));
  });

  test.each(kinds)('knows every defect %s starts with as built', (service) => {
    const switches = new Switches(service, { asBuilt: true });
    const known = switchRows.filter((row) => row.service === service).map((row) => row.name);
    expect(switches.all()).toEqual(asBuilt[service]);
    for (const name of Object.keys(switches.all())) expect(known).toContain(name);
  });

  test('says of each what its value is', () => {
    for (const { name, effect } of switchRows)
      expect(effect, name).toMatch(/^(true|number|string|site name|header name|\{)/);
  });
});

describe('a switch', () => {
  test('with another name is refused', async () => {
    await expect(new Switches('api').set('no-such', true)).rejects.toThrow(/no switch is named no-such/);
  });

  test.each([
    { share: 0.1, of: 1000, hits: 100 },
    { share: 1 / 3, of: 999, hits: 333 },
    { share: 1, of: 10, hits: 10 },
    { share: 0, of: 10, hits: 0 },
  ])('with the share $share hits $hits of $of', async ({ share, of, hits }) => {
    const switches = new Switches('api');
    await switches.set('errors-share', share);
    expect(Array.from({ length: of }, () => switches.hit('errors-share')).filter(Boolean)).toHaveLength(hits);
  });

  test('of latency delays all when no share is set, and none when lifted', async () => {
    const switches = new Switches('api');
    await switches.set('chat-latency-ms', 70);
    expect([switches.delayMs('chat'), switches.delayMs('chat')]).toEqual([70, 70]);
    await switches.set('chat-latency-share', 0.5);
    expect([1, 2, 3, 4].map(() => switches.delayMs('chat'))).toEqual([0, 70, 0, 70]);
    await switches.set('chat-latency-ms', null);
    expect(switches.delayMs('chat')).toBe(0);
  });
});
