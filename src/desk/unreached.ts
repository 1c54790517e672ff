import { ConnectionError, type Unreachable } from '../errors.ts';
import { type Endpoint, formatEndpoint } from '../link/endpoint.ts';
import { scopeOf } from '../link/ip-address.ts';

/** What to do when an invite leads to nobody, by the reason. */
const HINTS: Readonly<Record<Unreachable, string>> = {
  'unknown-host': 'check that this machine is online, or ask for an invite with another address',
  refused:
    'the invite has been used or has expired: ask for a new one (or the network is in the way: meet at a relay)',
  'no-route': 'check that this machine is online, or ask for an invite that leads through a relay',
  'no-answer': 'a firewall may be in the way, or that machine is off: ask, and meet at a relay',
};

/** The error for a host that cannot be reached by its invite. Errors other than ConnectionError are returned unchanged. */
export function hostUnreached(endpoint: Endpoint, error: unknown): unknown {
  if (!(error instanceof ConnectionError)) return error;
  const { reason = 'refused' } = error;
  const message =
    error.reason === undefined ? `nobody is listening at ${formatEndpoint(endpoint)}` : error.message;
  const scope = scopeOf(endpoint.host);
  const hint =
    scope === 'anywhere' || reason === 'unknown-host'
      ? HINTS[reason]
      : `${HINTS[reason]}; ${endpoint.host} can be reached from the host’s own ${scope} only`;
  return new ConnectionError('ERR_CONNECT', message, { hint, cause: error, reason: error.reason });
}

/** The error for a relay that cannot be reached. It says nothing about the other side. */
export function relayUnreached(error: unknown): unknown {
  if (!(error instanceof ConnectionError)) return error;
  return new ConnectionError('ERR_CONNECT', `the relay cannot be reached: ${error.message}`, {
    hint: 'check that this machine is online; if the relay is down, meet at another',
    cause: error,
    reason: error.reason,
  });
}
