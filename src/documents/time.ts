/** Seconds of a day of UTC, which has no leap seconds here. */
export const DAY = 86_400;
/** The last second of the year 8999. No later one is taken from a document, so that whatever is reckoned from it still has a year of four digits. */
export const LAST_SECOND = Date.UTC(9000, 0) / 1000 - 1;

/** `milliseconds` since 1970 as terms write a time: UTC, whole seconds. */
export function formatTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A year of four digits, and seconds. */
const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Whether a text is a time as terms write it. */
export function isTime(text: string): boolean {
  const time = Date.parse(text);
  return FORM.test(text) && !Number.isNaN(time) && formatTime(time) === text;
}

/** Seconds since 1970 of a time as terms write it. */
export function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}

/** The time, as terms write it, of so many seconds since 1970. */
export function timeOf(seconds: number): string {
  return formatTime(1000 * seconds);
}
