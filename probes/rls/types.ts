import type { FindingEntry, Severity } from '../../record/entries.ts';

/** What the catalogue says about one table, as the role under test meets it. */
export interface RlsTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly label: string;
  /** As SQL wants it. */
  readonly sql: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly owner: string;
  readonly partitioned: boolean;
  /** The table it is a part or an inheriting child of. */
  readonly partitionOf: string | null;
  /** Deparsed bound of a partition, key of a partitioned table. */
  readonly bound: string | null;
  readonly partitionKey: string | null;
  readonly columns: readonly RlsColumn[];
  readonly checks: readonly CheckConstraint[];
  readonly uniques: readonly UniqueKey[];
}

export interface RlsColumn {
  readonly name: string;
  /** With its modifier: `character varying(20)`. */
  readonly type: string;
  /** Name of the type below a domain, without modifier: `varchar`, `uuid`, `_text`. */
  readonly base: string;
  readonly modifier: number;
  readonly notNull: boolean;
  readonly generated: boolean;
  readonly identity: boolean;
  /** `GENERATED ALWAYS`: no update may touch it. */
  readonly fixed: boolean;
  readonly default: string | null;
  readonly labels: readonly string[];
  /** Conditions of its domain, speaking of VALUE. */
  readonly domainChecks: readonly string[];
}

export interface CheckConstraint {
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string;
}

export interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly primary: boolean;
  /** EXCLUDE: ON CONFLICT DO UPDATE does not know it. */
  readonly exclusion: boolean;
  readonly expressions: boolean;
}

export interface ForeignKey {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
  readonly refColumns: readonly string[];
  readonly notNull: boolean;
  /** What becomes of the row when the one it refers to is deleted: a(sk), r(estrict), c(ascade), n(ull), d(efault). */
  readonly onDelete: string;
}

export interface RlsPolicy {
  readonly table: string;
  readonly name: string;
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALL';
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly text: string;
  readonly using: string | null;
  readonly check: string | null;
  readonly functions: readonly string[];
  readonly tables: readonly string[];
}

export interface RlsFunction {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly label: string;
  readonly source: string;
  readonly language: string;
  readonly volatility: 'i' | 's' | 'v';
  readonly definer: boolean;
  readonly leakproof: boolean;
  readonly owner: string;
  readonly ownerBypasses: boolean;
  readonly searchPath: boolean;
  readonly argumentTypes: readonly string[];
  readonly returns: string;
  readonly kind: string;
}

export interface RlsView {
  readonly oid: string;
  readonly label: string;
  readonly sql: string;
  readonly kind: 'v' | 'm' | 'f';
  readonly owner: string;
  readonly ownerBypasses: boolean;
  readonly invoker: boolean;
  readonly definition: string;
  /** Every table it reads, through other views too. */
  readonly reads: readonly string[];
  readonly columns: readonly string[];
}

export interface RlsCatalogue {
  readonly version: number;
  readonly superuser: boolean;
  readonly tables: readonly RlsTable[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly policies: readonly RlsPolicy[];
  readonly functions: readonly RlsFunction[];
  readonly views: readonly RlsView[];
}

/** How one knows whose a row is. */
export type TenantKey =
  | { readonly kind: 'root'; readonly column: string }
  | { readonly kind: 'column'; readonly column: string }
  | {
      readonly kind: 'path';
      readonly columns: readonly string[];
      readonly to: string;
      readonly refColumns: readonly string[];
    }
  | {
      /** A row belongs to every tenant that has a row of `by` referring to it: a person with several memberships. */
      readonly kind: 'through';
      readonly by: string;
      readonly columns: readonly string[];
      readonly refColumns: readonly string[];
    };

export type Command = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

export interface Cell {
  readonly role: string;
  readonly where: string;
  readonly command: string;
  readonly context: string;
  readonly variant: string;
  readonly verdict: 'HOLD' | 'LEAK' | 'UNPROBED';
  /** How it held, what leaked, or why nobody could tell. */
  readonly because: string;
}

export interface Finding extends Omit<FindingEntry, 'kind' | 'check'> {
  readonly rule: string;
  readonly check: `sec.rls.${'catalog' | 'matrix' | 'context' | 'bypass'}`;
  readonly severity: Severity;
}

export interface RlsReport {
  readonly role: string;
  /** Roles it can become, which were looked at as well. */
  readonly further: readonly string[];
  /** Settings and roles that say whose turn it is. */
  readonly carriers: readonly string[];
  readonly tenantColumn: string | null;
  readonly tenantTables: readonly string[];
  readonly sharedTables: readonly string[];
  readonly questions: readonly string[];
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
}
