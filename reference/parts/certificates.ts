import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface CertificateFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const names = ['localhost', ...['landing', 'dashboard', 'meeting', 'widget'].map((site) => `${site}.localhost`)];
const dayMs = 86_400_000;

export const certificateFiles = (directory: string): CertificateFiles => ({
  key: join(directory, 'tls', 'leaf.key.pem'),
  cert: join(directory, 'tls', 'leaf.pem'),
  ca: join(directory, 'tls', 'ca.pem'),
});

/** A certificate authority of this deployment alone, and one leaf for its sites. The authority's key is never written down. */
export async function writeCertificates(files: CertificateFiles, now = new Date()): Promise<void> {
  const [authorityKeys, leafKeys] = await Promise.all([newKeys(), newKeys()]);
  const validity = { notBefore: new Date(now.getTime() - dayMs / 24), notAfter: new Date(now.getTime() + 90 * dayMs) };
  const authority = await selfSigned(authorityKeys, validity);
  const leaf = await issue(authority, authorityKeys, leafKeys, validity);
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey)).toString('base64');
  const pem = `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`;
  writeFileSync(files.key, pem, { mode: 0o600 });
  writeFileSync(files.cert, `${leaf.toString('pem')}\n`, { mode: 0o600 });
  writeFileSync(files.ca, `${authority.toString('pem')}\n`, { mode: 0o600 });
}

type Validity = { notBefore: Date; notAfter: Date };

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

async function selfSigned(keys: CryptoKeyPair, validity: Validity): Promise<X509Certificate> {
  return X509CertificateGenerator.createSelfSigned({
    name: 'CN=shakedown reference authority',
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

async function issue(
  authority: X509Certificate,
  authorityKeys: CryptoKeyPair,
  keys: CryptoKeyPair,
  validity: Validity,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
}
