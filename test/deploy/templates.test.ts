import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { everyCommand, program } from '../../cli/main.ts';

const folder = new URL('../../deploy/soak/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');
// biome-ignore lint/suspicious/noExplicitAny: a template of somebody else's schema, read field by field.
const read = (name: string): any[] =>
  parseAllDocuments(textOf(name), { uniqueKeys: true }).map((document) => {
    expect(document.errors.map(({ message }) => message)).toEqual([]);
    return document.toJS();
  });

describe('nightly templates', () => {
  test.each(files)('%s is YAML without a mistake', (name) => {
    expect(read(name).length).toBeGreaterThan(0);
  });

  test.each(files)('%s uses only flags of the soak command', (name) => {
    const soak = everyCommand(program()).find((command) => command.name() === 'soak')!;
    const known = soak.options.map(({ long }) => long);
    const used = [...textOf(name).matchAll(/shakedown soak ([^|\n]*)|where="([^"]*)"/g)].flatMap(([, a, b]) => [
      ...(a ?? b ?? '').matchAll(/--[a-z-]+/g),
    ]);
    for (const [flag] of used) expect(known).toContain(flag);
    if (name !== 'github-actions.yaml')
      expect(used.map(([flag]) => flag)).toEqual(expect.arrayContaining(['--env', '--for', '--resume', '--out']));
  });

  test('the jobs of GitHub Actions are chained, cover 48 h, and each ends below the limit of six hours', () => {
    const [workflow] = read('github-actions.yaml');
    const names = Object.keys(workflow.jobs);
    for (const [index, name] of names.entries()) {
      expect(workflow.jobs[name].needs).toBe(index === 0 ? undefined : names[index - 1]);
    }
    const segmentHours = Number(/--segment (\d+)h/.exec(textOf('github-actions-segment.yaml'))![1]);
    expect(names.length * segmentHours).toBeGreaterThanOrEqual(48);
    const [segment] = read('github-actions-segment.yaml');
    const minutes = segment.jobs.segment['timeout-minutes'];
    expect(minutes).toBeLessThan(360);
    expect(minutes - segmentHours * 60).toBeGreaterThanOrEqual(30);
    const steps = segment.jobs.segment.steps as { uses?: string; with?: { name?: string } }[];
    const artifacts = steps.filter(({ uses }) => uses?.includes('artifact')).map((step) => step.with?.name);
    expect(new Set(artifacts).size).toBe(1);
    expect(artifacts).toHaveLength(2);
  });

  test('deadlines of the others leave room for 48 h', () => {
    const [, cron] = read('kubernetes-cronjob.yaml');
    expect(cron.spec.jobTemplate.spec.activeDeadlineSeconds).toBeGreaterThan(48 * 3600);
    expect(cron.spec.concurrencyPolicy).toBe('Forbid');
    const [job] = read('cloud-run-job.yaml');
    expect(job.spec.template.spec.template.spec.timeoutSeconds).toBeGreaterThan(48 * 3600);
    expect(job.spec.template.spec.template.spec.timeoutSeconds).toBeLessThanOrEqual(7 * 24 * 3600);
  });
});
