SET LOCAL ROLE platform_owner;

CREATE TABLE knowledge_documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  title text NOT NULL,
  content text NOT NULL,
  category text,
  embedding vector(1024),
  content_type text,
  url text,
  parent_id uuid,
  path text,
  author text,
  tags jsonb NOT NULL DEFAULT '[]',
  metadata jsonb NOT NULL DEFAULT '{}',
  content_tsv tsvector,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES knowledge_documents (tenant_id, id) ON DELETE SET NULL (parent_id)
);

CREATE FUNCTION index_document_text() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.content_tsv := setweight(to_tsvector('english', NEW.title), 'A') || setweight(to_tsvector('english', NEW.content), 'B');
  RETURN NEW;
END
$$;

CREATE TRIGGER index_document_text BEFORE INSERT OR UPDATE OF title, content ON knowledge_documents
  FOR EACH ROW EXECUTE FUNCTION index_document_text();

CREATE TABLE knowledge_chunks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  document_id uuid NOT NULL REFERENCES knowledge_documents ON DELETE CASCADE,
  tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
  content text NOT NULL,
  embedding vector(1024) NOT NULL,
  position integer NOT NULL,
  start_offset integer,
  end_offset integer,
  metadata jsonb NOT NULL DEFAULT '{}',
  token_count integer,
  parent_chunk_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (document_id, id),
  FOREIGN KEY (document_id, parent_chunk_id) REFERENCES knowledge_chunks (document_id, id) ON DELETE SET NULL (parent_chunk_id)
);
