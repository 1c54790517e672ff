import { InputError } from '../../errors.ts';
import { parseAmount } from './amounts.ts';
import { usageError } from './failure.ts';
import { parseDuration } from './flags.ts';
import { Questions } from './questions.ts';
import { say } from './terminal.ts';

/** Takes what a person wrote; throws InputError with what would be right. */
export type Read<Value> = (typed: string) => Value;

/** What a command needs to know: from its flags, else from the person at the terminal, else from the default. */
export class Answers {
  private readonly flags: Readonly<Record<string, unknown>>;
  private readonly questions: Questions | undefined;
  private readonly used = new Set<string>();

  /** @param interactive whether somebody is there to be asked */
  constructor(flags: object, interactive: boolean, signal: AbortSignal) {
    this.flags = flags as Readonly<Record<string, unknown>>;
    this.questions = interactive ? new Questions(signal) : undefined;
  }

  /** Throws InputError: what `read` throws for a flag, and `ERR_USAGE` if nobody can be asked and there is no default. */
  async get<Value>(flag: string, question: string, read: Read<Value>, fallback?: string): Promise<Value> {
    const given = this.given(flag);
    if (typeof given === 'string') return read(given.trim());
    if (this.questions !== undefined) return this.questions.ask(question, read, fallback);
    if (fallback !== undefined) return read(fallback);
    throw usageError(
      `--${kebab(flag)} is missing and there is no terminal to ask at`,
      `add --${kebab(flag)}`,
    );
  }

  /** What only a flag can say. */
  async take<Value>(flag: string, read: Read<Value>, use: (value: Value) => void): Promise<void> {
    const given = this.given(flag);
    if (typeof given === 'string') use(read(given.trim()));
  }

  /** The value of a flag, if it was given, whatever it is. */
  given(flag: string): unknown {
    this.used.add(flag);
    return this.flags[flag];
  }

  /** Throws `ERR_USAGE` for a flag that nothing was asked about. */
  refuseUnused(why: string): void {
    const unused = Object.keys(this.flags).find((flag) => !this.used.has(flag));
    if (unused !== undefined) throw usageError(`--${kebab(unused)} means nothing ${why}`, 'leave it out');
  }

  /** A line for the person who is asked. */
  tell(line: string): void {
    if (this.questions !== undefined) say(line);
  }

  close(): void {
    this.questions?.close();
  }
}

export const text: Read<string> = (typed) => {
  if (typed === '') throw refused('that is empty', 'write a few words');
  return typed;
};

export const integer: Read<number> = (typed) => {
  if (!/^\d{1,6}$/.test(typed)) throw refused('that is not a whole number', 'write one like 2');
  return Number(typed);
};

/** An amount as people write it, as the integer string that files hold. */
export const amount =
  (range: { readonly unit: string; readonly decimals: number }): Read<string> =>
  (typed) => {
    const value = parseAmount(typed, range);
    if (value !== undefined) return value.toString();
    const digits = range.decimals === 0 ? 'no' : `at most ${range.decimals}`;
    throw refused('that is not an amount', `write digits, with ${digits} digits after the point`);
  };

export const oneOf =
  <Name extends string>(names: readonly Name[]): Read<Name> =>
  (typed) => {
    const found = names.find((name) => name === typed);
    if (found !== undefined) return found;
    throw refused('that is none of the choices', `they are ${names.join(', ')}`);
  };

export const share: Read<string> = (typed) => {
  if (!/^\d+\/\d+$/.test(typed)) throw refused('that is not a fraction', 'write one like 1/2');
  return typed;
};

export const percent: Read<string> = (typed) => {
  if (!/^\d+(\.\d+)?%$/.test(typed)) throw refused('that is not a percentage', 'write one like 5%');
  return typed;
};

/** Milliseconds from now for `12h` or `7d`; a UTC time stays as it is. */
export const deadline: Read<number | string> = (typed) => {
  const days = /^(\d{1,4})d$/.exec(typed);
  if (days !== null) return Number(days[1]) * 86_400_000;
  if (/^\d{4}-/.test(typed)) {
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(typed) && !Number.isNaN(Date.parse(typed))) return typed;
    throw refused('that is not a UTC time', 'write one like 2027-01-31T12:00:00Z');
  }
  return parseDuration(typed, 'the deadline');
};

/** `Name: value, value`; values with a comma in them are parted by semicolons. */
export const issue: Read<{ readonly name: string; readonly values: readonly string[] }> = (typed) => {
  const cut = typed.indexOf(':');
  const name = typed.slice(0, Math.max(0, cut)).trim();
  const list = typed.slice(cut + 1);
  const values = list.split(list.includes(';') ? ';' : ',').map((value) => value.trim());
  if (name === '' || values.includes('')) {
    throw refused('that is not an issue with its values', 'write one like “Delivery: 45 days, 60 days”');
  }
  return { name, values };
};

function kebab(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function refused(message: string, hint: string): InputError {
  return new InputError('ERR_USAGE', message, { hint });
}
