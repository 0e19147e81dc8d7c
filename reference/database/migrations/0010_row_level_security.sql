SET LOCAL ROLE platform_owner;

-- One policy for each of the four commands. `own` says whose a row is; `sound` what else a new row must keep to, where references
-- are not the database's to enforce.
CREATE FUNCTION pg_temp.isolate(target text, own text, sound text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  stored text := own || coalesce(' AND ' || sound, '');
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY %I ON %I FOR SELECT USING (%s)', target || '_select', target, own);
  EXECUTE format('CREATE POLICY %I ON %I FOR INSERT WITH CHECK (%s)', target || '_insert', target, stored);
  EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE USING (%s) WITH CHECK (%s)', target || '_update', target, own, stored);
  EXECUTE format('CREATE POLICY %I ON %I FOR DELETE USING (%s)', target || '_delete', target, own);
END
$$;

SELECT pg_temp.isolate('tenants', 'id = get_current_tenant_id()');

SELECT pg_temp.isolate(name, 'tenant_id = get_current_tenant_id()')
FROM unnest(ARRAY[
  'users', 'ai_personalities', 'widgets', 'meetings', 'sessions', 'chat_files', 'knowledge_documents',
  'cost_events', 'cost_summaries', 'budget_alerts', 'api_keys', 'data_requests', 'audit_logs',
  'reranking_events', 'knowledge_gaps', 'conversation_memory',
  'end_users', 'survey_responses', 'unresolved_problems', 'escalations',
  'rag_test_sets', 'rag_evaluation_runs', 'rag_quality_thresholds'
]) AS name;

-- Children belong to their parent's tenant.
SELECT pg_temp.isolate('accounts',
  'EXISTS (SELECT FROM users parent WHERE parent.id = accounts.user_id AND parent.tenant_id = get_current_tenant_id())');
SELECT pg_temp.isolate('auth_sessions',
  'EXISTS (SELECT FROM users parent WHERE parent.id = auth_sessions.user_id AND parent.tenant_id = get_current_tenant_id())');
SELECT pg_temp.isolate('messages',
  'EXISTS (SELECT FROM sessions parent WHERE parent.id = messages.session_id AND parent.tenant_id = get_current_tenant_id())');
SELECT pg_temp.isolate('rag_evaluations',
  'EXISTS (SELECT FROM rag_evaluation_runs parent WHERE parent.id = rag_evaluations.run_id AND parent.tenant_id = get_current_tenant_id())');
SELECT pg_temp.isolate('unresolved_problem_users',
  'EXISTS (SELECT FROM unresolved_problems parent WHERE parent.id = unresolved_problem_users.problem_id AND parent.tenant_id = get_current_tenant_id())',
  '(end_user_id IS NULL OR EXISTS (SELECT FROM end_users person WHERE person.id = unresolved_problem_users.end_user_id AND person.tenant_id = get_current_tenant_id()))'
  ' AND (session_id IS NULL OR EXISTS (SELECT FROM sessions talk WHERE talk.id = unresolved_problem_users.session_id AND talk.tenant_id = get_current_tenant_id()))');
-- The document decides; a chunk's own tenant, where it is filled in, may not say otherwise.
SELECT pg_temp.isolate('knowledge_chunks',
  'EXISTS (SELECT FROM knowledge_documents parent WHERE parent.id = knowledge_chunks.document_id AND parent.tenant_id = get_current_tenant_id())',
  '(tenant_id IS NULL OR tenant_id = get_current_tenant_id())');
-- Tokens name an e-mail address and no tenant. Only the service role has grants on them; were another role ever given some,
-- it would still see those of its own tenant's users alone.
SELECT pg_temp.isolate('verification_tokens',
  'EXISTS (SELECT FROM users parent WHERE parent.email = verification_tokens.identifier AND parent.tenant_id = get_current_tenant_id())');
