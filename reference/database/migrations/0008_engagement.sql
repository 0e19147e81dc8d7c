SET LOCAL ROLE platform_owner;

CREATE TABLE end_users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  phone_number varchar(20) CHECK (phone_number ~ '^\+[1-9][0-9]{1,14}$'),
  email text CHECK (email ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$'),
  name text,
  external_id text,
  consent_sms boolean NOT NULL DEFAULT false,
  consent_email boolean NOT NULL DEFAULT false,
  consent_calls boolean NOT NULL DEFAULT false,
  phone_verified_at timestamptz,
  email_verified_at timestamptz,
  is_blocked boolean NOT NULL DEFAULT false,
  blocked_reason text,
  is_potential_tenant boolean NOT NULL DEFAULT false,
  device_fingerprint text,
  source text NOT NULL DEFAULT 'widget' CHECK (source IN ('widget', 'landing_demo')),
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  CHECK (phone_number IS NOT NULL OR email IS NOT NULL)
);

CREATE TABLE survey_responses (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  session_id uuid NOT NULL,
  end_user_id uuid,
  resolution_id uuid,
  survey_method text NOT NULL CHECK (survey_method IN ('in_widget', 'ai_call', 'sms_link', 'email_link')),
  fallback_attempts integer NOT NULL DEFAULT 0 CHECK (fallback_attempts BETWEEN 0 AND 3),
  problem_solved boolean,
  experience_rating integer CHECK (experience_rating BETWEEN 1 AND 5),
  would_recommend boolean,
  feedback_text text,
  refused_to_rate boolean NOT NULL DEFAULT false,
  responded_at timestamptz,
  call_duration_seconds integer,
  call_answered boolean,
  survey_completed boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, end_user_id) REFERENCES end_users (tenant_id, id) ON DELETE SET NULL (end_user_id)
);

CREATE TABLE unresolved_problems (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  problem_description text NOT NULL,
  problem_embedding vector(1024),
  problem_hash varchar(64) NOT NULL,
  affected_user_count integer NOT NULL DEFAULT 1,
  attempt_count integer NOT NULL DEFAULT 1,
  status text NOT NULL DEFAULT 'unresolved' CHECK (status IN ('unresolved', 'rag_updated', 'resolved')),
  knowledge_document_id uuid,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, problem_hash),
  FOREIGN KEY (tenant_id, knowledge_document_id) REFERENCES knowledge_documents (tenant_id, id)
    ON DELETE SET NULL (knowledge_document_id)
);

CREATE TABLE unresolved_problem_users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  problem_id uuid NOT NULL REFERENCES unresolved_problems ON DELETE CASCADE,
  end_user_id uuid,
  session_id uuid,
  encountered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE escalations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  session_id uuid NOT NULL,
  end_user_id uuid,
  escalation_type text NOT NULL CHECK (escalation_type IN ('ai_failure', 'time_exceeded', 'duplicate_problem', 'user_request')),
  reason text NOT NULL,
  problem_id uuid,
  within_service_hours boolean NOT NULL DEFAULT true,
  scheduled_followup_at timestamptz,
  human_agent_id uuid,
  assigned_at timestamptz,
  human_agent_joined_at timestamptz,
  meeting_url text,
  meeting_token varchar(32),
  meeting_duration_seconds integer,
  resolved_at timestamptz,
  resolution_notes text,
  escalation_metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, end_user_id) REFERENCES end_users (tenant_id, id) ON DELETE SET NULL (end_user_id),
  FOREIGN KEY (tenant_id, problem_id) REFERENCES unresolved_problems (tenant_id, id) ON DELETE SET NULL (problem_id),
  FOREIGN KEY (tenant_id, human_agent_id) REFERENCES users (tenant_id, id) ON DELETE SET NULL (human_agent_id)
);
