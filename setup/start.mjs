/** `npm start`: set-up, then the gate against a reference deployment of its own, which is shut down again. */
import { join } from 'node:path';
import { explain, setup } from './setup.mjs';
import { root } from './tools.mjs';

try {
  await setup();
  const { handOver } = await import('../bin/shakedown.mjs');
  process.exitCode = await handOver([join(root, 'cli', 'main.ts'), 'start', ...process.argv.slice(2)]);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 70;
}
