/** `vite.ts SOURCES TARGET` builds one application; whoever asks for it decides whether it must be. */
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const [root, outDir] = process.argv.slice(2);
if (!root || !outDir) throw new Error('usage: vite.ts SOURCES TARGET');

try {
  await build({
    root,
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      // Everything has an address of its own: the content security policy knows no data: scripts or styles.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
