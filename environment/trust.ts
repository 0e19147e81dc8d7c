import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorities } from './egress.ts';
import type { Environment } from './types.ts';

export interface Trust {
  /** For the environment of a process that is told of authorities by a file. */
  readonly variables: Readonly<Record<string, string>>;
  remove(): void;
}

/**
 * The library that speaks to meeting servers trusts the file that SSL_CERT_FILE names and nobody else, so the usual
 * authorities have to stand in it beside the deployment's own.
 */
export function trustOf(environment: Environment): Trust {
  const all = authorities(environment);
  if (all === undefined) return { variables: {}, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'shakedown-trust-'));
  const file = join(folder, 'authorities.pem');
  writeFileSync(file, all.map((one) => `${one.trim()}\n`).join(''));
  return { variables: { SSL_CERT_FILE: file }, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
