import { createHash, randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import type { Client } from 'pg';
import { embed, vectorText } from '../services/common/embedding.ts';

export const seedTenant = 'Acme Corporation';

export const seedUsers = [
  { email: 'admin@acme.com', name: 'Acme Owner', role: 'owner' },
  { email: 'teamadmin@acme.com', name: 'Acme Admin', role: 'admin' },
  { email: 'user@acme.com', name: 'Acme Member', role: 'member' },
] as const;

export type SeedPasswords = Readonly<Record<(typeof seedUsers)[number]['role'], string>>;

/** What every installation of the platform holds, with passwords of this deployment's own. */
export async function seed(client: Client, passwords: SeedPasswords): Promise<void> {
  const hashes = await Promise.all(seedUsers.map(({ role }) => hashPassword(passwords[role])));
  await client.query('BEGIN');
  const tenant = await insertTenant(client);
  await insertUsers(client, tenant, hashes);
  await insertAssistant(client, tenant);
  await insertKnowledge(client, tenant);
  await client.query('COMMIT');
}

// The package's names for its algorithms exist for the compiler alone, and types are stripped here, not compiled.
const argon2id = 2;

const hashPassword = (password: string) =>
  hash(password, { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 });

async function insertTenant(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO tenants (name, api_key, plan, settings) VALUES ($1, $2, 'business', '{"maxMonthlySpend": 100, "features": ["chat"]}') RETURNING id`,
    [seedTenant, `pk_test_${randomBytes(32).toString('hex')}`],
  );
  return rows[0]!.id;
}

async function insertUsers(client: Client, tenant: string, hashes: readonly string[]): Promise<void> {
  for (const [index, { email, name, role }] of seedUsers.entries())
    await client.query(
      `INSERT INTO users (tenant_id, email, name, role, password_hash, password_algorithm, email_verified)
       VALUES ($1, $2, $3, $4, $5, 'argon2id', now())`,
      [tenant, email, name, role, hashes[index]],
    );
}

async function insertAssistant(client: Client, tenant: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO ai_personalities (tenant_id, name, tone, system_prompt, is_default)
     VALUES ($1, 'Helpful Assistant', 'friendly', 'You answer questions of customers from the knowledge base, briefly and truthfully.', true)
     RETURNING id`,
    [tenant],
  );
  await client.query(
    `INSERT INTO widgets (tenant_id, name, domain_whitelist, settings, ai_personality_id)
     VALUES ($1, 'Main Website Widget', '["https://acme.example"]', '{"theme": "light", "position": "bottom-right"}', $2)`,
    [tenant, rows[0]!.id],
  );
}

const guide = {
  title: 'Getting Started Guide',
  content:
    'Sign in to the dashboard, upload your documents to the knowledge base, choose a personality for the assistant and embed the widget in your site. ' +
    'Customers can then ask questions in the chat, and meet the assistant by voice and video.',
};

async function insertKnowledge(client: Client, tenant: string): Promise<void> {
  const embedding = vectorText(embed(guide.content));
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO knowledge_documents (tenant_id, title, content, category, embedding, content_type, metadata)
     VALUES ($1, $2, $3, 'onboarding', $4, 'text/markdown', $5) RETURNING id`,
    [
      tenant,
      guide.title,
      guide.content,
      embedding,
      { sha256: createHash('sha256').update(guide.content).digest('hex') },
    ],
  );
  await client.query(
    `INSERT INTO knowledge_chunks (document_id, tenant_id, content, embedding, position, start_offset, end_offset, token_count)
     VALUES ($1, $2, $3, $4, 0, 0, $5, $6)`,
    [rows[0]!.id, tenant, guide.content, embedding, guide.content.length, Math.ceil(guide.content.length / 4)],
  );
}
