export const root: string;
export const toolsFile: string;
export function cacheDirectory(): string;
export function hashOf(part: 'packages' | 'k6' | 'livekit' | 'postgres'): string;
export interface ToolPaths {
  readonly k6: string;
  readonly livekitServer: string;
  /** A PostgreSQL tree with pgvector laid over it: `bin/initdb`, `bin/postgres`, `bin/psql` where the platform offers it. */
  readonly postgres: string;
  readonly redisServer: string;
  /** null: not installed; the reference deployment then has no pooler. */
  readonly pgbouncer: string | null;
  /** null: not installed; only what needs a browser misses it. */
  readonly chromium: string | null;
}
export function findPgbouncer(): string | null;
export function toolPaths(): ToolPaths;
export function installed(): { readonly hashes: Readonly<Record<string, string>>; readonly paths: ToolPaths } | null;
export const nodeOptions: readonly string[];
export function nodeEnvironment(): { readonly NODE_COMPILE_CACHE: string; readonly MALLOC_ARENA_MAX: string };
