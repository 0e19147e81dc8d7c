import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';
import { wireAddress } from '../../environment/surroundings.ts';
import type { Evidence } from './messages.ts';
import { callRun, type Line } from './wire.ts';

/** Hands the traces and pictures of failures to the run. What the browser runner thinks of a test is not read. */
export default class EvidenceReporter implements Reporter {
  #line: Promise<Line | null> = Promise.resolve(null);

  onBegin(): void {
    const address = wireAddress();
    this.#line = address === null ? Promise.resolve(null) : callRun(address, 'reporter').catch(() => null);
    // A runner whose run is gone has nobody to work for.
    void this.#line.then((line) => line?.stop.addEventListener('abort', () => setTimeout(endIfAlone, 30_000).unref()));
  }

  async onTestEnd(test: TestCase, result: TestResult): Promise<void> {
    const files = result.attachments.flatMap((attachment) => evidenceOf(attachment, result));
    if (result.status === 'passed' || files.length === 0) return;
    const line = await this.#line;
    line?.say({ type: 'evidence', check: test.title, attempt: result.retry + 1, files });
    await line?.heardOut();
  }

  onError(error: TestError): void {
    const detail = (error.message ?? error.value ?? 'no reason given').split('\n', 1)[0]!.slice(0, 300);
    void this.#line.then((line) => line?.say({ type: 'trouble', detail }));
  }

  async onEnd(): Promise<void> {
    await (await this.#line)?.heardOut();
  }

  printsToStdio(): boolean {
    return false;
  }
}

const endIfAlone = (): never => process.exit(1);

function evidenceOf({ name, path, body }: TestResult['attachments'][number], result: TestResult): Evidence[] {
  if (name === 'trace' && path) return [{ what: 'trace', path }];
  if (name === 'screenshot' && path) return [{ what: 'screenshot', path }];
  if (name !== 'console' || (!path && !body)) return [];
  return [{ what: 'console', path: path ?? written(body!, result) }];
}

/** Beside the trace, whose directory the runner has made for this test. */
function written(body: Buffer, result: TestResult): string {
  const beside = result.attachments.find((attachment) => attachment.path)?.path;
  const path = beside
    ? join(beside, '..', 'console.txt')
    : join(process.cwd(), `console-${process.pid}-${result.retry}.txt`);
  writeFileSync(path, body);
  return path;
}
