import { isTime } from '../../documents/time.ts';
import { usageError } from './failure.ts';

/** `HOST:PORT`, `[IPv6]:PORT`, or a port alone where a default host makes sense. */
export function parseAddress(text: string, flag: string, host?: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]:|([^:\s]+):|:?)(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const named = match?.[1] ?? match?.[2] ?? host;
  if (match === null || port > 65_535 || named === undefined) {
    throw usageError(
      `${flag} ${text} is not HOST:PORT`,
      'write an address like 192.0.2.7:4466 or [::1]:4466',
    );
  }
  return { host: named, port };
}

/** A duration like `30s`, `10m`, `500ms` or plain seconds, in milliseconds. */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's']!;
  const milliseconds = Number(match?.[1]) * unit;
  if (match === null || milliseconds < 1) {
    throw usageError(`${flag} ${text} is not a duration`, 'write one like 30s, 10m or 500ms');
  }
  return milliseconds;
}

/** A number of bits like `12` or `1.5`. */
export function parseBits(text: string): number {
  if (!/^\d{1,6}(?:\.\d{1,6})?$/.test(text)) {
    throw usageError(`--max-disclosure ${text} is not a number of bits`, 'write one like 12 or 1.5');
  }
  return Number(text);
}

/** A UTC time like `2027-01-31T12:00:00Z`, in milliseconds since 1970. */
export function parseTime(text: string, flag: string): number {
  if (isTime(text)) return Date.parse(text);
  throw usageError(`${flag} ${text} is not a UTC time`, 'write it like 2027-01-31T12:00:00Z');
}
