import { existsSync, readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { trustOf } from '../../environment/trust.ts';
import { certificate } from '../servers/certificates.ts';
import { deployment } from './deployment.ts';

const made = deployment('api: { url: https://api.example }');

test('people in meetings trust the usual authorities beside the own one, from a file that goes with them', async () => {
  const { ca } = await certificate({ names: ['lk.example'] });
  const trust = trustOf({ ...made, tls: { ...made.tls, ca } });
  const file = trust.variables.SSL_CERT_FILE!;
  const all = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  expect(all.length).toBe(getCACertificates('default').length + 1);
  expect(readFileSync(file, 'utf8')).toContain(ca.trim());
  trust.remove();
  expect(existsSync(file)).toBe(false);
});

test('without an authority of its own nothing is said of trust', () => expect(trustOf(made).variables).toEqual({}));
