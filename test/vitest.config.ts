import { defineConfig } from 'vitest/config';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24)
  throw new Error(
    `the tests need Node 24, found ${process.version}; run "npm test", or node_modules/.bin/node node_modules/.bin/vitest run --config test/vitest.config.ts FILE`,
  );

export default defineConfig({ test: { include: ['test/**/*.test.ts'], testTimeout: 30_000 } });
