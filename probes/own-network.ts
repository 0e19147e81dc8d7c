import { networkInterfaces } from 'node:os';

/**
 * Why a failure is about this machine and not about the deployment: no network of its own, no port or file handle left.
 * Null when it is not, or when nobody can tell: then it counts against the deployment.
 */
export function ownTrouble(because: string, hasNetwork: () => boolean = hasOwnNetwork): string | null {
  const known = causes.find(({ sign }) => sign.test(because));
  if (known) return known.cause;
  if (!unclear.test(because) || hasNetwork()) return null;
  return 'this machine has no network';
}

const causes = [
  { sign: /no route to the network|ENETUNREACH|ENETDOWN/, cause: 'this machine has no route to any network' },
  { sign: /EADDRNOTAVAIL|ENOBUFS/, cause: 'this machine has no free address or port' },
  { sign: /(^|: )the budget of \d+ requests is spent/, cause: 'the budget of the environment file is spent' },
  { sign: /EMFILE|ENFILE|too many open files/i, cause: 'this machine has no free file handle' },
];

/** Either end may be the cause. */
const unclear = /does not resolve|no route to the host|EAI_AGAIN|EHOSTUNREACH/;

function hasOwnNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));
}
