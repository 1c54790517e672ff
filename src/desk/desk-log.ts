import { type Endpoint, formatEndpoint } from '../link/endpoint.ts';
import { codeFor, type LogEvent } from '../link/log.ts';
import type { DeskEvent } from './person.ts';

/** The log event for something that a person is told. Undefined for what the session and its link log themselves. */
export function logEventOf(event: DeskEvent): LogEvent | undefined {
  switch (event.kind) {
    case 'reachingHost':
      return { event: 'dialled', endpoint: placeOf(event.endpoint), relay: event.atRelay };
    case 'listening':
      return { event: 'listening', endpoint: placeOf(event.endpoint), relay: event.atRelay };
    case 'relayTrouble':
      return { event: 'relay trouble', ...codeFor(event.error) };
    case 'termsAccepted':
      return { event: 'accepted', by: event.by };
    case 'waitingForPeer':
      return { event: 'ready', by: 'self' };
    case 'bothReady':
      return { event: 'ready', by: 'peer' };
    default:
      return undefined;
  }
}

/** An endpoint without its path, which may be a secret of its own. */
export function placeOf(endpoint: Endpoint): string {
  return formatEndpoint({ ...endpoint, path: '' });
}
