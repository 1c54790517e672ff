import { ConnectionError, type Unreachable } from '../../errors.ts';

/** The reason for each error code of the system, including the resolver's (getaddrinfo). */
const REASONS: Readonly<Record<string, Unreachable>> = {
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EAI_NODATA: 'unknown-host',
  EAI_NONAME: 'unknown-host',
  EAI_FAIL: 'unknown-host',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ENETDOWN: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  ETIMEDOUT: 'no-answer',
};

const SENTENCES: Readonly<Record<Unreachable, (where: string, host: string) => readonly [string, string]>> = {
  'unknown-host': (_, host) => [
    `the name ${host} leads to no machine`,
    'check the name, and that this machine is online',
  ],
  refused: (where) => [
    `nobody is listening at ${where}`,
    'check the address, and that the other side is waiting',
  ],
  'no-route': (where) => [
    `there is no way from this machine to ${where}`,
    'check the address, and that this machine is online',
  ],
  'no-answer': (where) => [
    `${where} does not answer`,
    'check the address; a firewall may be in the way, or that machine may be off',
  ],
};

/** The error for an address that cannot be reached. `cause` is the system's error, or 'no-answer' if there was no answer in time. */
export function unreachable(
  where: string,
  host: string,
  cause: NodeJS.ErrnoException | 'no-answer',
): ConnectionError {
  const code = cause === 'no-answer' ? 'ETIMEDOUT' : cause.code;
  const reason = code === undefined ? undefined : REASONS[code];
  const [message, hint] =
    reason === undefined
      ? [`cannot reach ${where} (${code ?? 'what answers there is something else'})`, undefined]
      : SENTENCES[reason](where, host);
  return new ConnectionError('ERR_CONNECT', message, {
    reason,
    ...(hint !== undefined && { hint }),
    ...(cause !== 'no-answer' && { cause }),
  });
}
