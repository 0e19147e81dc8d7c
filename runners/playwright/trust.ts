import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { guardedConnect } from '../../environment/sockets.ts';
import type { Environment } from '../../environment/types.ts';

/**
 * Chromium cannot be told of an authority of the environment's own. So Node connects to each https address first and checks
 * its certificate against that authority; the browser then trusts the keys of those that were found good, and no others.
 */
export async function verifiedKeys(environment: Environment): Promise<readonly string[]> {
  if (environment.tls.ca === null) return [];
  const { web, api, realtime, meetings } = environment;
  const urls = [api?.url, ...Object.values(web), ...(realtime?.urls ?? []), meetings?.url, ...(meetings?.urls ?? [])];
  const secure = urls.filter((url) => typeof url === 'string' && /^(https|wss):/.test(url)) as string[];
  const origins = [...new Set(secure.map((url) => new URL(url).host))];
  const keys = await Promise.all(origins.map((host) => keyOf(environment, host)));
  return [...new Set(keys.filter((key) => key !== null))];
}

/** Null when it does not answer or its certificate is not good; the check that opens it will say so. */
function keyOf(environment: Environment, host: string): Promise<string | null> {
  const { hostname, port } = new URL(`https://${host}`);
  return new Promise((resolve) => {
    const socket = guardedConnect(environment, {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || 443,
      secure: true,
    }) as TLSSocket;
    const end = (key: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(key);
    };
    const timer = setTimeout(() => end(null), environment.timeoutMs);
    socket.once('error', () => end(null));
    socket.once('secureConnect', () => end(socket.authorized ? spkiOf(socket) : null));
  });
}

function spkiOf(socket: TLSSocket): string | null {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key ? createHash('sha256').update(key).digest('base64') : null;
}
