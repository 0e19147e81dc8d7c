/**
 * `npm test`: set-up, then every check of the project itself. Ends with the line `N passed, N failed`.
 * A step that cannot be run counts as failed: nothing here is skipped in silence.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain, setup, which } from './setup.mjs';
import { sweep } from './sweep.mjs';
import { root } from './tools.mjs';

const say = (line) => process.stderr.write(`${line}\n`);
const bin = (name) => join(root, 'node_modules', '.bin', name);
const children = new Set();
let interrupted = false;

async function main() {
  await setup();
  const startedMs = Date.now();
  const work = mkdtempSync(join(tmpdir(), 'shakedown-test-'));
  try {
    const totals = { passed: 0, failed: 0 };
    for (const step of steps(work)) {
      add(totals, await runStep(step));
      // What was not run any more did not pass: the step that was ended counts as failed.
      if (interrupted) break;
    }
    process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
    return totals.failed === 0 ? 0 : 1;
  } finally {
    if (interrupted) sweep(startedMs);
    rmSync(work, { recursive: true, force: true });
  }
}

function steps(work) {
  const vitest = join(work, 'vitest.json');
  const matrix = join(work, 'prove');
  return [
    { name: 'types', command: [bin('tsc'), '--noEmit'] },
    { name: 'types of the load scripts', command: [bin('tsc'), '--noEmit', '-p', 'suites/load/k6'] },
    { name: 'types of the applications', command: [bin('tsc'), '--noEmit', '-p', 'reference/services/web/sites'] },
    { name: 'format and lint', command: [bin('biome'), 'ci', '.'] },
    { name: 'k6 extension', command: [which('go') ?? 'go', 'test', '-C', 'tools/k6', '-mod=readonly', '.'] },
    {
      name: 'tests',
      command: [
        bin('node'),
        bin('vitest'),
        'run',
        '--config',
        'test/vitest.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${vitest}`,
      ],
      count: () => {
        const { numPassedTests, numFailedTests, numTotalTests, numFailedTestSuites } = JSON.parse(
          readFileSync(vitest, 'utf8'),
        );
        // A file that fails to load has no tests that could fail, and a skipped test is a promise nobody looked at.
        const unseen = numTotalTests - numPassedTests - numFailedTests;
        return {
          passed: numPassedTests,
          failed: numFailedTests + unseen + (numFailedTests === 0 ? numFailedTestSuites : 0),
        };
      },
    },
    {
      name: 'every check against its fault',
      // Journeys at pages, meetings, load and soaks take minutes each; the whole matrix runs nightly.
      command: [bin('node'), 'cli/main.ts', 'prove', '--quick', '--check', provenHere, '--out', matrix],
      count: () => {
        const { rows, alarmsOnHealthy, neverPassed, uncovered } = JSON.parse(
          readFileSync(join(matrix, 'matrix.json'), 'utf8'),
        );
        return {
          passed: rows.filter((row) => row.proven).length,
          failed:
            rows.filter((row) => !row.proven).length + alarmsOnHealthy.length + neverPassed.length + uncovered.length,
        };
      },
    },
  ];
}

const provenHere = [
  'smoke.*',
  'sec.rls.*',
  ...['realtime', 'order', 'reconnect', 'instances', 'durable'].map((name) => `e2e.chat.${name}`),
  'e2e.lists',
  'e2e.tenants.*',
].join();

async function runStep({ name, command, count }) {
  say(`\n== ${name}`);
  const started = Date.now();
  const code = await run(command);
  const result = outcome(interrupted ? 70 : code, count);
  say(`== ${name}: ${result.failed === 0 ? 'passed' : 'FAILED'} after ${Math.round((Date.now() - started) / 1000)} s`);
  return result;
}

/** The exit code has the last word: a runner that dies after its last test has not passed. */
function outcome(code, count) {
  if (!count) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  try {
    const { passed, failed } = count();
    return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
  } catch (error) {
    say(`   no result was written: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}` },
    });
    children.add(child);
    child.on('error', (error) => {
      say(`   ${command} could not be started: ${error.message}`);
      resolve(70);
    });
    child.on('exit', (code) => {
      children.delete(child);
      resolve(code ?? 70);
    });
  });
}

const add = (totals, { passed, failed }) => {
  totals.passed += passed;
  totals.failed += failed;
};

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) child.kill(signal);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  say(explain(error));
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 70;
}
