import tls from 'node:tls';
import { authorities } from '../environment/egress.ts';
import { guardedConnect } from '../environment/sockets.ts';
import type { Environment } from '../environment/types.ts';

const contexts = new Map<string | null, tls.SecureContext>();

/** Whom we trust: the usual authorities and the one the environment file adds. */
function trust(environment: Environment): tls.SecureContext {
  const { ca } = environment.tls;
  const usual = authorities(environment);
  // Parsing some hundred and fifty authorities takes a while, so it is done once and not once a handshake.
  const known = contexts.get(ca) ?? tls.createSecureContext(usual ? { ca: usual } : {});
  contexts.set(ca, known);
  return known;
}

export type Handshake =
  | {
      readonly ok: true;
      readonly protocol: string;
      /** Whole days until the certificate, or the first one of its chain, ends; negative when it has. */
      readonly daysLeft: number;
      readonly validTo: string;
      /** Why the chain or the name is not good; null when both are. */
      readonly distrust: string | null;
    }
  | { readonly ok: false; readonly because: string };

export interface Oldness {
  readonly minVersion: tls.SecureVersion;
  readonly maxVersion: tls.SecureVersion;
  /** OpenSSL offers TLS 1.0 and 1.1 at security level 0 only. */
  readonly ciphers: string;
}

/** What a server that has not moved on since 2008 would accept. */
export const old: Oldness = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };

/** One handshake that is carried through even with a bad certificate, so that its days and its name can be told apart. */
export function handshake(environment: Environment, url: URL, how?: Oldness): Promise<Handshake> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || 443;
  const { timeoutMs } = environment;
  const terms = how ?? { secureContext: trust(environment) };
  return new Promise((resolve) => {
    const socket = guardedConnect(environment, { secure: true, host, port, rejectUnauthorized: false, ...terms });
    const end = (result: Handshake): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => end({ ok: false, because: `no TLS handshake within ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
    socket.once('error', (error) => end({ ok: false, because: explain(error, host) }));
    socket.once('close', () => end({ ok: false, because: 'closed the connection during the TLS handshake' }));
    socket.once('secureConnect', () => end(seen(socket as tls.TLSSocket, host)));
  });
}

function seen(socket: tls.TLSSocket, host: string): Handshake {
  const certificate = socket.getPeerCertificate(true);
  const ends = chain(certificate).map((link) => Date.parse(link.valid_to));
  const first = Math.min(...ends);
  if (!Number.isFinite(first)) return { ok: false, because: 'showed no readable certificate' };
  const wrongName = tls.checkServerIdentity(host, certificate);
  const untrusted = socket.authorized ? null : certificateTrouble(String(socket.authorizationError));
  return {
    ok: true,
    protocol: socket.getProtocol() ?? 'unknown',
    daysLeft: Math.trunc((first - Date.now()) / 86_400_000),
    validTo: new Date(first).toISOString().slice(0, 10),
    // A wrong name is looked for separately, because Node reports only the first trouble it meets.
    distrust: wrongName ? `it is made out to ${certificate.subjectaltname ?? 'nobody'}` : untrusted,
  };
}

function chain(leaf: tls.DetailedPeerCertificate): tls.DetailedPeerCertificate[] {
  const links: tls.DetailedPeerCertificate[] = [];
  for (let link = leaf; link?.valid_to && !links.includes(link); link = link.issuerCertificate) links.push(link);
  return links;
}

const certificateTroubles: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'no authority we trust has signed it (self-signed certificate in its chain)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'no authority we trust has signed it (the chain is incomplete)',
  UNABLE_TO_GET_ISSUER_CERT: 'no authority we trust has signed it (the chain is incomplete)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'no authority we trust has signed it',
  CERT_REVOKED: 'it has been revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out to another name',
};

/** Plain words for a certificate error code, or the code itself. */
export function certificateTrouble(code: string): string {
  return certificateTroubles[code] ?? code;
}

export function isCertificateTrouble(code: string): boolean {
  return code in certificateTroubles;
}

function explain(error: NodeJS.ErrnoException, host: string): string {
  const code = error.code ?? '';
  if (code === 'ECONNREFUSED') return 'refused the connection';
  if (code === 'ECONNRESET') return 'closed the connection during the TLS handshake';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name ${host} does not resolve`;
  return `TLS handshake failed: ${(error as { reason?: string }).reason ?? error.message}`;
}
