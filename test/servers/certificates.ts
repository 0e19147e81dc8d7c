import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as typeof globalThis.crypto);

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The authority to trust; a self-signed certificate has none but itself. */
  readonly ca: string;
}

export interface Wanted {
  readonly names: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
  readonly selfSigned?: boolean;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

/** A fresh authority and a certificate of it. */
export async function certificate({ names, from, until, selfSigned = false }: Wanted): Promise<Certificate> {
  const [keys, caKeys] = await Promise.all([generateKeys(), generateKeys()]);
  const validity = {
    notBefore: from ?? new Date(Date.now() - day),
    notAfter: until ?? new Date(Date.now() + 30 * day),
  };
  const ca = await authority(caKeys);
  const issued = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: `CN=${names[0]}`,
    issuer: selfSigned ? `CN=${names[0]}` : ca.subject,
    ...validity,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: selfSigned ? keys.privateKey : caKeys.privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(alternativeName))],
  });
  const cert = issued.toString('pem');
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(exported, 'PRIVATE KEY'), cert, ca: selfSigned ? cert : ca.toString('pem') };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

function authority(keys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=A test authority',
    notBefore: new Date(Date.now() - 400 * day),
    notAfter: new Date(Date.now() + 400 * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
}

function alternativeName(name: string): x509.JsonGeneralName {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}
