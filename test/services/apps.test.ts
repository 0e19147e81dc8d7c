import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runVite } from '../../reference/services/web/apps.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-apps-'));
afterAll(() => rmSync(directory, { recursive: true }));

function application(name: string, main: string): string {
  const sources = join(directory, name);
  mkdirSync(sources);
  writeFileSync(join(sources, 'index.html'), '<!doctype html><script type="module" src="./main.ts"></script>');
  writeFileSync(join(sources, 'main.ts'), main);
  return sources;
}

describe('an application', () => {
  test('is built into a page and assets named by their content', async () => {
    const target = join(directory, 'built');
    await runVite('good', application('good', 'document.body.textContent = "hello";'), target);
    expect(readdirSync(target).sort()).toEqual(['assets', 'index.html']);
    expect(readdirSync(join(target, 'assets'))).toEqual([expect.stringMatching(/^index-[\w-]{8}\.js$/)]);
  }, 60_000);

  test('that cannot be built is named, with the file and what is wrong in it', async () => {
    const sources = application('broken', "import { nothing } from './missing.ts';\nnothing();");
    await expect(runVite('broken', sources, join(directory, 'never'))).rejects.toThrow(
      /the broken application could not be built: [\s\S]*missing\.ts[\s\S]*main\.ts/,
    );
  }, 60_000);
});
