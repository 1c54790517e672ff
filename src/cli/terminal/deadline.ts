import { InputError } from '../../errors.ts';
import { Meanings } from './meanings.ts';

/** A deadline as it was typed: milliseconds from now, or a UTC time like 2027-01-31T12:00:00Z. */
export type Deadline = number | string;

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(ms|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)?$/, 1_000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(w|weeks?)$/, 7 * 86_400_000],
];
/** The longest duration in milliseconds: a hundred years. */
const LONGEST = 36_525 * 86_400_000;

/** A duration such as `12h` or `3 days`, or a date, with or without a UTC time. A date alone means the end of that day. */
export function readDeadline(typed: string): Deadline | Meanings<Deadline> {
  const text = typed.trim().toLowerCase().replace(/^in /, '');
  const duration = /^(\d{1,7}(?:\.\d{1,3})?)\s*([a-z]*)$/.exec(text);
  if (duration !== null) return readDuration(Number(duration[1]), duration[2]!);
  const [, date = '', hour, minute, second = '00'] =
    /^([\d./-]+)(?:[t ]+(\d\d?):(\d\d)(?::(\d\d))?)? ?(?:z|utc)?$/.exec(text) ?? [];
  const time = hour === undefined ? '23:59:59' : `${hour.padStart(2, '0')}:${minute}:${second}`;
  const days = [...new Set(datesIn(date))].filter((day) => isTime(`${day}T${time}Z`));
  const [only] = days;
  if (only === undefined) {
    throw refused(
      'that is not a duration or a date',
      'write one like 12h, 3 days, 2027-01-31 or 2027-01-31 18:00',
    );
  }
  if (days.length > 1)
    return new Meanings(days.map((day) => ({ value: `${day}T${time}Z`, text: `${day} ${time}` })));
  const deadline = `${only}T${time}Z`;
  if (Date.parse(deadline) <= Date.now()) throw refused('that is over already', 'write a time to come');
  return deadline;
}

/** A deadline in words for people. A duration counts from now. */
export function deadlineText(deadline: Deadline): string {
  const at = typeof deadline === 'number' ? Date.now() + deadline : Date.parse(deadline);
  const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `${time} UTC, ${spell(at - Date.now())} from now`;
}

function readDuration(count: number, unit: string): number {
  const size = UNITS.find(([name]) => name.test(unit))?.[1];
  if (size === undefined)
    throw refused('that is no unit of time', 'write one like 30m, 12h, 3 days or 2 weeks');
  const milliseconds = count * size;
  if (milliseconds < 1_000) throw refused('that is no time at all', 'write a duration like 12h or 7d');
  if (milliseconds > LONGEST)
    throw refused('that is more than a hundred years', 'write a duration like 12h or 7d');
  return milliseconds;
}

/** The days that a date can mean, as YYYY-MM-DD. With slashes, either the day or the month may come first. */
function datesIn(date: string): string[] {
  const iso = /^(\d{4})[-/.](\d\d?)[-/.](\d\d?)$/.exec(date);
  if (iso !== null) return [day(iso[1]!, iso[2]!, iso[3]!)];
  const [, one, separator, two, year] = /^(\d\d?)([./-])(\d\d?)\2(\d{4})$/.exec(date) ?? [];
  if (one === undefined || two === undefined || year === undefined) return [];
  return separator === '/' ? [day(year, one, two), day(year, two, one)] : [day(year, two, one)];
}

function day(year: string, month: string, date: string): string {
  return `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
}

function isTime(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === text.slice(0, 19);
}

function spell(milliseconds: number): string {
  for (const [name, size] of [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const) {
    const count = Math.round(milliseconds / size);
    if (count > 1) return `${count} ${name}s`;
  }
  return `${Math.max(1, Math.round(milliseconds / 1_000))} seconds`;
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}
