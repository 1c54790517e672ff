import { expect, it } from 'vitest';
import { isTime } from '../../src/documents/time.ts';

it('a time has a year of four digits, and seconds', () => {
  for (const time of ['2027-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])
    expect(isTime(time)).toBe(true);
  for (const text of [
    ...['+010000-01-01T00:00Z', '-000001-01-01T00:00Z', '+275760-09-12T00:00Z', '2027-01-01T00:00Z'],
    ...['2027-01-01T24:00:00Z', '2027-02-30T00:00:00Z', '2027-01-01T00:00:00.0Z', '2027-01-01T00:00:00z', ''],
  ]) {
    expect(isTime(text)).toBe(false);
  }
});
