SET LOCAL ROLE platform_owner;

CREATE TABLE rag_test_sets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  name text NOT NULL,
  questions jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id)
);

CREATE TABLE rag_evaluation_runs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  test_set_id uuid,
  status text NOT NULL DEFAULT 'pending',
  summary jsonb NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  FOREIGN KEY (tenant_id, test_set_id) REFERENCES rag_test_sets (tenant_id, id) ON DELETE SET NULL (test_set_id)
);

CREATE TABLE rag_evaluations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  run_id uuid NOT NULL REFERENCES rag_evaluation_runs ON DELETE CASCADE,
  question text NOT NULL,
  answer text,
  contexts jsonb NOT NULL DEFAULT '[]',
  faithfulness double precision,
  relevancy double precision,
  precision_score double precision,
  recall_score double precision,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE rag_quality_thresholds (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  metric text NOT NULL,
  minimum double precision NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, metric)
);
