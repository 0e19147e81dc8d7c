import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { Config } from '../common/config.ts';
import type { Switches } from '../common/switches.ts';

const dayMs = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export const healthy = ({ tls }: Config): SecureContextOptions => ({
  key: readFileSync(tls.key),
  cert: readFileSync(tls.cert),
});

/** The certificate to serve under the switches that are on. */
export async function certificate(config: Config, switches: Switches): Promise<SecureContextOptions> {
  if (switches.on('tls-expired')) return prepared(config, 'expired') ?? make('localhost', -30, -1);
  if (switches.on('tls-wrong-name')) return prepared(config, 'wrong-name') ?? make('elsewhere.example', -1, 30);
  return switches.on('tls-untrusted') ? make('localhost', -1, 30) : healthy(config);
}

/** One that the deployment's own authority signed, where the boot left one beside the good one. */
function prepared({ tls }: Config, name: string): SecureContextOptions | undefined {
  const [cert, key] = [`${name}.pem`, `${name}.key.pem`].map((file) => join(dirname(tls.cert), file));
  if (!cert || !key || !existsSync(cert) || !existsSync(key)) return undefined;
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

async function make(name: string, fromDays: number, toDays: number): Promise<SecureContextOptions> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() + fromDays * dayMs),
    notAfter: new Date(Date.now() + toDays * dayMs),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: made.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
  };
}
