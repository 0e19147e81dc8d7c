import type { Finding } from './types.ts';

interface Flaw {
  readonly id: string;
  readonly what: string;
  /** First safe minor of each major, as `server_version_num` writes it. */
  readonly fixed: readonly number[];
  readonly severity: Finding['severity'];
}

/** Flaws of PostgreSQL itself by which rows get past policies, newest first; and the newest minors, which mend other things. */
const flaws: readonly Flaw[] = [
  {
    id: 'CVE-2025-8713',
    what: 'statistics of partitions and views tell rows that policies hide',
    fixed: [130022, 140019, 150014, 160010, 170006],
    severity: 'medium',
  },
  {
    id: 'CVE-2024-10976',
    what: 'a reused plan with a sub-query may apply the policies of another role',
    fixed: [130017, 140014, 150009, 160005, 170001],
    severity: 'high',
  },
  {
    id: 'CVE-2024-10978',
    what: 'SET ROLE may leave another role in force than the one asked for',
    fixed: [130017, 140014, 150009, 160005, 170001],
    severity: 'high',
  },
  {
    id: 'CVE-2024-4317',
    what: "pg_stats_ext shows other users' statistics; an old cluster needs the catalogue fixed by hand too",
    fixed: [140012, 150007, 160003],
    severity: 'medium',
  },
  { id: 'CVE-2023-39418', what: 'MERGE does not apply UPDATE and SELECT policies', fixed: [150004], severity: 'high' },
  {
    id: 'CVE-2023-2455',
    what: 'policies of the wrong user after a function is inlined',
    fixed: [110020, 120015, 130011, 140008, 150003],
    severity: 'high',
  },
  {
    id: 'CVE-2019-10130',
    what: 'the selectivity estimator lets a user read what policies hide',
    fixed: [90513, 90613, 100008, 110003],
    severity: 'high',
  },
];

const newest: Readonly<Record<number, number>> = { 16: 160015, 18: 180006 };

export function versionFindings(version: number): Finding[] {
  const major = Math.floor(version / 10_000);
  const of = (number: number) => Math.floor(number / 10_000);
  const open = flaws.filter(({ fixed }) => {
    const mine = fixed.find((number) => of(number) === major);
    return mine === undefined ? major < Math.min(...fixed.map(of)) : version < mine;
  });
  const behind = newest[major] !== undefined && version < newest[major];
  return [
    ...open.map(
      (flaw): Finding => ({
        rule: 'R42',
        check: 'sec.rls.catalog',
        severity: flaw.severity,
        where: `PostgreSQL ${words(version)}`,
        what: `${flaw.id}: ${flaw.what}`,
        reproduce: 'show server_version;',
        fix: `install the newest minor version of PostgreSQL ${major}`,
      }),
    ),
    ...(behind
      ? [
          {
            rule: 'R48',
            check: 'sec.rls.catalog' as const,
            severity: 'low' as const,
            where: `PostgreSQL ${words(version)}`,
            what: `older than ${words(newest[major]!)}`,
            reproduce: 'show server_version;',
            fix: `install PostgreSQL ${words(newest[major]!)}`,
          },
        ]
      : []),
  ];
}

const words = (version: number): string => `${Math.floor(version / 10_000)}.${version % 10_000}`;
