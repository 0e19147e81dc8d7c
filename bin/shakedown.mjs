#!/usr/bin/env node
/** The launcher: runs on Node 20, does the set-up when it is missing, and hands over to Node 24 with the sources as they are. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { explain, setup } from '../setup/setup.mjs';
import { nodeEnvironment, nodeOptions, root } from '../setup/tools.mjs';

/** The Node that came from npm, or this one where it is new enough to run TypeScript as it stands. */
export function node24() {
  const packaged = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(
    `expected Node 24, found ${process.versions.node} and no packaged one for ${process.platform} ${process.arch}`,
  );
}

/** Signals reach the child by themselves from a terminal; from anything else they are passed on, once. */
export function handOver(args, options = {}) {
  const env = { ...nodeEnvironment(), ...process.env };
  const child = spawn(node24(), args, { stdio: 'inherit', env, ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => (process.stdin.isTTY && signal === 'SIGINT' ? undefined : child.kill(signal)));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`shakedown: ${error.message}\n`);
      resolve(70);
    });
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 70)));
  });
}

async function main() {
  try {
    await setup();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return 70;
  }
  return handOver([...nodeOptions, join(root, 'cli', 'main.ts'), ...process.argv.slice(2)]);
}

if (process.argv[1] && (await import('node:fs')).realpathSync(process.argv[1]) === join(root, 'bin', 'shakedown.mjs'))
  process.exitCode = await main();
