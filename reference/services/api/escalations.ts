import type { Sql } from '../common/database.ts';

export interface Escalation {
  readonly id: string;
  readonly tenantId: string;
  readonly sessionId: string;
  readonly escalationType: string;
  readonly reason: string;
  readonly status: 'pending' | 'assigned' | 'resolved';
  readonly humanAgentId: string | null;
  readonly humanAgentJoinedAt: Date | null;
  readonly createdAt: Date;
  readonly resolvedAt: Date | null;
  readonly meetingToken: string | null;
}

/** Derived, as nothing else says it: an agent makes it assigned, an end makes it resolved. */
export const statusSql = `CASE WHEN resolved_at IS NOT NULL THEN 'resolved' WHEN human_agent_id IS NOT NULL THEN 'assigned' ELSE 'pending' END`;

export const columns = `id, tenant_id AS "tenantId", session_id AS "sessionId", end_user_id AS "endUserId",
  escalation_type AS "escalationType", reason, problem_id AS "problemId", within_service_hours AS "withinServiceHours",
  scheduled_followup_at AS "scheduledFollowupAt", human_agent_id AS "humanAgentId", assigned_at AS "assignedAt",
  human_agent_joined_at AS "humanAgentJoinedAt", meeting_url AS "meetingUrl", meeting_token AS "meetingToken",
  meeting_duration_seconds AS "meetingDurationSeconds", resolved_at AS "resolvedAt", resolution_notes AS "resolutionNotes",
  escalation_metadata AS "escalationMetadata", created_at AS "createdAt", ${statusSql} AS status`;

export const statsSql = `SELECT count(*)::int AS total,
  (count(*) FILTER (WHERE human_agent_id IS NULL AND resolved_at IS NULL))::int AS pending,
  (count(*) FILTER (WHERE human_agent_id IS NOT NULL AND resolved_at IS NULL))::int AS assigned,
  (count(*) FILTER (WHERE resolved_at IS NOT NULL))::int AS resolved,
  avg(meeting_duration_seconds)::float8 AS "avgDurationSeconds",
  (extract(epoch FROM avg(assigned_at - created_at)) / 60)::float8 AS "avgResponseTimeMinutes"
  FROM escalations`;

/** What a customer who shows no session may know of it: how it stands, and nothing that was said. */
export function outwardly({
  id,
  sessionId,
  escalationType,
  status,
  humanAgentJoinedAt,
  createdAt,
  resolvedAt,
}: Escalation) {
  return { id, sessionId, escalationType, status, humanAgentJoinedAt, createdAt, resolvedAt };
}

/** For the agent: what was last asked, in the customer's words. */
export async function summary(sql: Sql, sessionId: string): Promise<string> {
  const row = await sql.first<{ content: string }>(
    'escalation-summary',
    `SELECT content FROM messages WHERE session_id = $1 AND role = 'user' ORDER BY "timestamp" DESC LIMIT 1`,
    [sessionId],
  );
  return row ? `The customer last asked: "${row.content.slice(0, 300)}"` : 'The customer has asked nothing yet.';
}
