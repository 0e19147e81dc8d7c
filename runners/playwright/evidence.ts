import { isUtf8 } from 'node:buffer';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Redactor, redactor } from '../../environment/redact.ts';
import { isZip, unzip, zip } from '../../environment/zip.ts';
import type { Entry } from '../../record/entries.ts';
import type { Evidence } from './messages.ts';

export interface Kept {
  readonly check: string;
  readonly attempt: number;
  readonly files: readonly Evidence[];
  /** The run's directory. */
  readonly directory: string;
  readonly secrets: readonly string[];
}

/**
 * Takes what a failed journey left into the run's directory, without secrets: texts are redacted, those inside a trace too.
 * Returns the notes that name each file, relative to the directory.
 */
export function keepEvidence({ check, attempt, files, directory, secrets }: Kept): Entry[] {
  const redact = redactor(secrets);
  const folder = join('evidence', attempt === 1 ? check : `${check}-attempt-${attempt}`);
  mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  const counts = new Map<string, number>();
  return files.map(({ what, path }) => {
    const number = (counts.get(what) ?? 0) + 1;
    counts.set(what, number);
    const extension = what === 'console' ? '.txt' : extname(path);
    const file = join(folder, `${what}${number === 1 ? '' : `-${number}`}${extension}`);
    put(path, join(directory, file), redact);
    return { kind: 'note', check, what, detail: detailOf(what, file), file };
  });
}

function detailOf(what: Evidence['what'], file: string): string {
  return what === 'trace' ? `${file}; npx playwright show-trace opens it` : file;
}

function put(from: string, to: string, redact: Redactor): void {
  if (from.endsWith('.png')) {
    copyFileSync(from, to);
    return;
  }
  const bytes = readFileSync(from);
  const clean = isZip(bytes)
    ? zip(
        [...unzip(bytes)].map(({ name, content }) => ({
          name: redact.text(name),
          content: withoutSecrets(content, redact),
        })),
      )
    : withoutSecrets(bytes, redact);
  writeFileSync(to, clean, { mode: 0o600 });
}

const withoutSecrets = (bytes: Buffer, redact: Redactor): Buffer =>
  isUtf8(bytes) ? Buffer.from(redact.text(bytes.toString('utf8'))) : bytes;
