SET LOCAL ROLE platform_owner;

-- References between tenant tables carry the tenant, so that no row can hang on another tenant's parent:
-- PostgreSQL checks references without looking at policies.
CREATE TABLE ai_personalities (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  name text NOT NULL,
  tone text NOT NULL DEFAULT 'professional' CHECK (tone IN ('professional', 'friendly', 'casual', 'empathetic', 'technical')),
  system_prompt text NOT NULL,
  knowledge_base_ids jsonb NOT NULL DEFAULT '[]',
  temperature numeric(3, 2) NOT NULL DEFAULT 0.7 CHECK (temperature BETWEEN 0 AND 1),
  max_tokens integer NOT NULL DEFAULT 1000 CHECK (max_tokens BETWEEN 100 AND 4000),
  is_default boolean NOT NULL DEFAULT false,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id)
);

CREATE TABLE widgets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  name text NOT NULL,
  domain_whitelist jsonb NOT NULL DEFAULT '[]',
  settings jsonb NOT NULL DEFAULT '{}',
  ai_personality_id uuid,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, ai_personality_id) REFERENCES ai_personalities (tenant_id, id) ON DELETE SET NULL (ai_personality_id)
);

CREATE TABLE meetings (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  room_name text NOT NULL UNIQUE,
  livekit_room_id text NOT NULL UNIQUE,
  created_by uuid,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  metadata jsonb NOT NULL DEFAULT '{}',
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES users (tenant_id, id) ON DELETE SET NULL (created_by)
);
