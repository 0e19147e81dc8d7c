CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

-- Texts of other tenants' statements are nobody's business but the operator's.
REVOKE ALL ON pg_stat_statements, pg_stat_statements_info FROM PUBLIC;

SET LOCAL ROLE platform_owner;

-- Unset, and '' which SET LOCAL leaves behind on a pooled connection, both mean: no tenant. The all-zero id belongs to none.
CREATE FUNCTION get_current_tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(nullif(current_setting('app.current_tenant_id', true), ''), '00000000-0000-0000-0000-000000000000')::uuid
$$;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;
