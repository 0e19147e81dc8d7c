import { describe, expect, test } from 'vitest';
import type { Environment } from '../../environment/types.ts';
import { unhurried } from '../../runners/playwright/run.ts';
import { fileIn, start, temporary } from '../cli/shakedown.ts';

const file = () =>
  fileIn(temporary(), 'environment.yaml', 'name: x\nkind: disposable\napi: { url: "http://127.0.0.1:9" }\n');

describe('what helps whoever writes a check', () => {
  test.each(['--debug', '--headed'])(
    '%s says what it needs where there is no screen',
    async (option) => {
      const args = ['e2e', '--env', file(), '--only', 'e2e.auth.login', option];
      const { code, stderr } = await start(args, { DISPLAY: '', WAYLAND_DISPLAY: '' }).ended;
      expect(code).toBe(64);
      expect(stderr).toMatch(/expected DISPLAY or WAYLAND_DISPLAY to name a screen, found neither; .* use --ui/);
    },
    120_000,
  );

  test('step by step no time limit ends a check; in any other way those of the check hold', () => {
    const limits = {
      environment: { timeoutMs: 15_000 } as Environment,
      checks: [{ id: 'e2e.lists', suite: 'e2e', assertions: ['totals'], timeoutMs: 60_000 }],
    };
    for (const tools of [undefined, 'ui', 'headed'] as const) expect(unhurried(tools, limits)).toBe(limits);
    const { environment, checks } = unhurried('debug', limits);
    expect(environment.timeoutMs).toBe(3_600_000);
    expect(checks).toEqual([{ ...limits.checks[0], timeoutMs: 86_400_000 }]);
  });
});
