import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BodyContext } from '../../runners/body.ts';
import errors from '../../suites/smoke/agent.errors.ts';
import plugins from '../../suites/smoke/agent.plugins.ts';
import { temporary } from '../cli/shakedown.ts';
import { deployment } from '../environment/deployment.ts';

/** What is made of a log of the agent: assertion → how it was seen. */
async function look(body: typeof errors, lines: readonly string[]): Promise<Record<string, string>> {
  const file = join(temporary(), 'agent.log');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const environment = deployment(`api: { url: http://localhost:9 }\nlogs: [{ service: agent, file: ${file} }]`);
  const said: Record<string, string> = {};
  const say = (assertion: string, word: string) => {
    said[assertion] = word;
  };
  await body({
    environment,
    holds: (assertion: string) => say(assertion, 'ok'),
    breaks: say,
    unmet: (needs: string) => say('*', `needs ${needs}`),
  } as unknown as BodyContext);
  return said;
}

const repeated = (count: number, line: string): string[] => Array.from({ length: count }, () => line);

describe('the errors of the agent', () => {
  const fine = repeated(90, 'level=info msg="all is well"');

  test.each([
    'time=x level=error msg="job crashed"',
    '{"log":"2026-01-01 ERROR livekit.agents job crashed\\n","stream":"stderr","time":"x"}',
    '{"text":"x","record":{"level":{"name":"ERROR","no":40}}}',
  ])('are counted however they are written: %s', async (line) => {
    expect((await look(errors, [...fine, ...repeated(5, line)])).errors).toMatch(/^5 of the last 95 lines are errors/);
    expect(await look(errors, [...fine, ...repeated(4, line)])).toEqual({ errors: 'ok' });
  });

  test('are not told to be few by a log that says no levels', async () => {
    expect(await look(errors, repeated(90, 'joined room 12'))).toEqual({
      '*': 'needs a log of the agent whose lines say their level',
    });
    const crashed = repeated(5, 'Traceback (most recent call last):');
    expect((await look(errors, [...repeated(90, 'joined room 12'), ...crashed])).errors).toMatch(/^5 of/);
  });
});

describe('the plugins of the agent', () => {
  const start = 'INFO starting worker';
  const voice = 'INFO plugin registered livekit.plugins.silero';
  const other = 'INFO joined room 12';

  test('are not looked for in a log that no longer has its start', async () => {
    expect(await look(plugins, repeated(9, other))).toEqual({
      '*': 'needs a log of the agent that reaches back to its start',
    });
  });

  test.each([
    ['since the start', [start, voice, other], 'ok'],
    ['and the start is worded otherwise', [voice, other], 'ok'],
    ['none, though it says that it started', [start, other], /^none of the 2 lines/],
  ])('must be there: %s', async (_, lines, expected) => {
    const said = await look(plugins, lines);
    if (expected === 'ok') expect(said.voice).toBe('ok');
    else expect(said.voice).toMatch(expected);
    expect(said.vision).toMatch(/^none of the \d lines/);
  });
});
