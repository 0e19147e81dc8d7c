import type { Document } from './document.ts';
import { isLoopbackHost } from './hosts.ts';
import { nearest, type Path, type Problem, pathText, show } from './problems.ts';

/**
 * What concerns several keys at once. Works on the unchecked content, so that these problems are told together with those of
 * single values; whatever has the wrong form is passed over here, since its own problem is told already.
 */
export function consistencyProblems(content: unknown, document: Document, checkIds?: ReadonlySet<string>): Problem[] {
  const file = new Content(content, document);
  return [
    ...somethingToVisit(file),
    ...plainTransport(file),
    ...tokenSource(file),
    ...atLeastOneRealtime(file),
    ...cleanupProcedure(file),
    ...waiversOfUnknownChecks(file, checkIds),
    ...oneWayToAProcess(file),
  ];
}

class Content {
  private readonly root: unknown;
  private readonly document: Document;

  constructor(root: unknown, document: Document) {
    this.root = root;
    this.document = document;
  }

  at(...path: Path): unknown {
    return path.reduce<unknown>(
      (value, key) => (isMapping(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined),
      this.root,
    );
  }

  list(...path: Path): readonly unknown[] {
    const value = this.at(...path);
    return Array.isArray(value) ? value : [];
  }

  problem(path: Path, expected: string, found?: string): Problem {
    const line = this.document.lineOf(path);
    return {
      path: path.length === 0 ? 'the file' : pathText(path),
      ...(line === undefined ? {} : { line }),
      expected,
      found: found ?? show(path, this.at(...path), this.document.sourceOf(path)),
    };
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const sections = ['api', 'realtime', 'meetings', 'web', 'database', 'redis'] as const;

function somethingToVisit(file: Content): Problem[] {
  if (!isMapping(file.at()) || sections.some((section) => file.at(section) !== undefined)) return [];
  return [file.problem([], `at least one of ${sections.join(', ')}`, 'none of them')];
}

/** Session cookies go over these addresses, so plain transport is for one's own machine and for deployments made to be thrown away. */
function plainTransport(file: Content): Problem[] {
  if (file.at('kind') === 'disposable' || file.at('tls', 'allowPlain') === 'true') return [];
  return transportPaths(file)
    .filter((path) => isPlainAndFar(file.at(...path)))
    .map((path) => {
      const secure = path[0] === 'realtime' || path[0] === 'meetings' ? 'wss://' : 'https://';
      return file.problem(path, `${secure} (or tls.allowPlain: true)`);
    });
}

function transportPaths(file: Content): Path[] {
  const urls = (...path: Path): Path[] =>
    Array.isArray(file.at(...path)) ? file.list(...path).map((_, index) => [...path, index]) : [path];
  const pages = ['landing', 'dashboard', 'meeting', 'widget'].map((page) => ['web', page]);
  const standIns = ['outbox', 'identity', 'clock', 'agent'].map((section) => [section, 'url']);
  return [
    ...file.list('watch', 'metrics').map((_, index): Path => ['watch', 'metrics', index, 'url']),
    ['api', 'url'],
    ...urls('realtime', 'urls'),
    ['meetings', 'url'],
    ...urls('meetings', 'urls'),
    ...pages,
    ...standIns,
  ];
}

function isPlainAndFar(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return (protocol === 'http:' || protocol === 'ws:') && !isLoopbackHost(hostname);
}

function tokenSource(file: Content): Problem[] {
  const tokens = file.at('meetings', 'tokens');
  if (!isMapping(tokens)) return [];
  const both = tokens.mint !== undefined && tokens.procedure !== undefined;
  const neither = tokens.mint === undefined && tokens.procedure === undefined;
  if (!both && !neither) return [];
  return [file.problem(['meetings', 'tokens'], 'either mint or procedure', both ? 'both' : 'neither')];
}

function atLeastOneRealtime(file: Content): Problem[] {
  const urls = file.at('realtime', 'urls');
  return Array.isArray(urls) && urls.length === 0
    ? [file.problem(['realtime', 'urls'], 'at least one wss:// address', 'an empty list')]
    : [];
}

function cleanupProcedure(file: Content): Problem[] {
  const asked = file.at('accounts', 'cleanup') === 'procedure';
  if (!asked || file.at('accounts', 'cleanupProcedure') !== undefined) return [];
  return [file.problem(['accounts', 'cleanupProcedure'], 'the procedure that accounts.cleanup asks for', 'nothing')];
}

const waysToAProcess = ['pid', 'pidFile', 'cgroup'] as const;

function oneWayToAProcess(file: Content): Problem[] {
  return file.list('watch', 'processes').flatMap((process, index) => {
    if (!isMapping(process)) return [];
    const given = waysToAProcess.filter((way) => process[way] !== undefined);
    const found = given.length === 0 ? 'none of them' : given.join(' and ');
    const expected = `exactly one of ${waysToAProcess.join(', ')}`;
    return given.length === 1 ? [] : [file.problem(['watch', 'processes', index], expected, found)];
  });
}

function waiversOfUnknownChecks(file: Content, checkIds?: ReadonlySet<string>): Problem[] {
  if (!checkIds) return [];
  return file.list('waivers').flatMap((_, index) => {
    const check = file.at('waivers', index, 'check');
    if (typeof check !== 'string' || checkIds.has(check)) return [];
    const meant = nearest(check, [...checkIds]);
    const found = `${JSON.stringify(check)}${meant ? `; did you mean ${meant}?` : ''}`;
    return [file.problem(['waivers', index, 'check'], 'the id of a check (shakedown checks lists them)', found)];
  });
}
