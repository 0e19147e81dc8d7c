import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { dearestUsd } from '../routing.ts';
import { router, tenantProcedure, widely } from '../trpc.ts';

const hours = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const;
const asked = z
  .object({ timeRange: z.enum(['1h', '24h', '7d', '30d']).default('24h'), groupBy: z.string().max(20).optional() })
  .prefault({});

interface ModelCost {
  readonly model: string;
  readonly provider: string;
  readonly answers: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: number;
}

export const analytics = router({
  /** What the answers cost, by model, and what they would have cost had all of them come from the most powerful one. */
  getCostAnalysis: tenantProcedure.input(asked).query(async ({ ctx, input }) => {
    const planted = ctx.deployment.switches.value('foreign-counted') === 'analytics';
    const byModel = await costs(widely(ctx, planted), hours[input.timeRange]);
    const total = (of: (row: ModelCost) => number) => byModel.reduce((sum, row) => sum + of(row), 0);
    const totalCost = total(({ cost }) => cost);
    const withoutRouting = total(({ inputTokens, outputTokens }) => dearestUsd(inputTokens, outputTokens));
    const savedShare = withoutRouting === 0 ? null : 1 - totalCost / withoutRouting;
    return { timeRange: input.timeRange, totalCost, withoutRouting, savedShare, byModel };
  }),
});

function costs(sql: Sql, since: number): Promise<ModelCost[]> {
  return sql.rows<ModelCost>(
    'costs-by-model',
    `SELECT model, provider, count(*)::int AS answers, sum(input_tokens)::int AS "inputTokens", sum(output_tokens)::int AS "outputTokens",
       sum(cost_usd)::float8 AS cost FROM cost_events WHERE created_at > now() - make_interval(hours => $1)
     GROUP BY model, provider ORDER BY model`,
    [since],
  );
}
