SET LOCAL ROLE platform_owner;

DO $$
DECLARE
  target text;
BEGIN
  FOR target IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id' AND NOT a.attisdropped
  LOOP
    EXECUTE format('CREATE INDEX %I ON %I (tenant_id)', target || '_tenant_id_idx', target);
  END LOOP;
END
$$;

CREATE INDEX accounts_user_id_idx ON accounts (user_id);
CREATE INDEX auth_sessions_user_id_idx ON auth_sessions (user_id);
CREATE INDEX auth_sessions_expires_idx ON auth_sessions (expires);
CREATE INDEX verification_tokens_token_idx ON verification_tokens (token);
CREATE INDEX sessions_tenant_created_idx ON sessions (tenant_id, created_at DESC);
CREATE INDEX sessions_widget_id_idx ON sessions (tenant_id, widget_id);
CREATE INDEX sessions_meeting_id_idx ON sessions (tenant_id, meeting_id);
CREATE INDEX messages_session_timestamp_idx ON messages (session_id, "timestamp");
CREATE INDEX chat_files_session_id_idx ON chat_files (tenant_id, session_id);
CREATE INDEX cost_events_session_id_idx ON cost_events (tenant_id, session_id);
CREATE INDEX audit_logs_tenant_created_idx ON audit_logs (tenant_id, created_at DESC);
CREATE INDEX survey_responses_session_id_idx ON survey_responses (tenant_id, session_id);
CREATE INDEX escalations_session_id_idx ON escalations (tenant_id, session_id);
CREATE INDEX conversation_memory_session_id_idx ON conversation_memory (tenant_id, session_id);
CREATE INDEX reranking_events_session_id_idx ON reranking_events (tenant_id, session_id);
CREATE INDEX unresolved_problem_users_problem_id_idx ON unresolved_problem_users (problem_id);
CREATE INDEX rag_evaluations_run_id_idx ON rag_evaluations (run_id);

CREATE INDEX knowledge_documents_tsv_idx ON knowledge_documents USING gin (content_tsv);
CREATE INDEX knowledge_chunks_text_idx ON knowledge_chunks USING gin (to_tsvector('english', content));
CREATE INDEX knowledge_documents_embedding_idx ON knowledge_documents USING hnsw (embedding vector_cosine_ops);
CREATE INDEX knowledge_chunks_embedding_idx ON knowledge_chunks USING hnsw (embedding vector_cosine_ops);
CREATE INDEX conversation_memory_embedding_idx ON conversation_memory USING hnsw (embedding vector_cosine_ops);
CREATE INDEX unresolved_problems_embedding_idx ON unresolved_problems USING hnsw (problem_embedding vector_cosine_ops);

DO $$
DECLARE
  target text;
BEGIN
  FOR target IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'updated_at' AND NOT a.attisdropped
  LOOP
    EXECUTE format('CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION touch_updated_at()', target);
  END LOOP;
END
$$;
