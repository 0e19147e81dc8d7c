-- An index over all tenants' embeddings must go on looking until enough of the own ones are found.
ALTER DATABASE platform SET hnsw.iterative_scan = 'strict_order';

REVOKE ALL ON DATABASE platform FROM PUBLIC;
GRANT CONNECT ON DATABASE platform TO app_user, platform_service;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_user, platform_service;
GRANT USAGE ON SCHEMA migrations TO platform_service;
GRANT SELECT ON migrations.schema_migrations TO platform_service;
GRANT SELECT ON pg_stat_statements, pg_stat_statements_info TO platform_service;
GRANT pg_read_all_stats TO platform_service;

SET LOCAL ROLE platform_owner;

REVOKE ALL ON FUNCTION get_current_tenant_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION get_current_tenant_id() TO app_user, platform_service;
REVOKE ALL ON FUNCTION touch_updated_at(), index_document_text() FROM PUBLIC;

DO $$
DECLARE
  target text;
BEGIN
  FOR target IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'platform_owner' LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO platform_service', target);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO app_user', target);
  END LOOP;
END
$$;

-- Registration, verification and password reset go through the service role; an audit row, once written, stays as it is.
REVOKE ALL ON verification_tokens FROM app_user;
REVOKE UPDATE, DELETE ON audit_logs FROM app_user;
