import { InputError } from '../../errors.ts';
import { describeFailure, failureLine, usageError } from './failure.ts';
import { Meanings } from './meanings.ts';
import { Questions } from './questions.ts';
import type { Read } from './readers.ts';
import { say } from './terminal.ts';

/** Something that a command needs to know. */
export interface Asked<Value> {
  /** The flag that answers it, in camel case. */
  readonly flag: string;
  /** Its label in the list of answers. */
  readonly label: string;
  readonly question: string;
  readonly read: Read<Value>;
  /** Throws InputError for an answer that cannot be right, given the earlier ones. */
  readonly check?: (value: Value) => void;
  readonly fallback?: string;
  /** The answer for people. */
  readonly show?: (value: Value) => string;
}

/** Something that is asked only if the person wants to change it. */
export interface AskedLater<Value> extends Asked<Value> {
  /** The text shown while it has its default. */
  readonly otherwise: string;
}

/** An answer in the list that a person confirms before it is used. */
interface Row {
  readonly key: string;
  readonly label: string;
  readonly text: string;
}

/**
 * The answers that a command needs: from its flags, otherwise from the person at the terminal, otherwise by default. A command may ask for all of them
 * again: an answer is then remembered, unless the person wants to change it or it no longer fits.
 */
export class Answers {
  private readonly flags: Readonly<Record<string, unknown>>;
  private readonly questions: Questions | undefined;
  private readonly used = new Set<string>();
  /** What was typed, by flag. */
  private readonly typed = new Map<string, string>();
  /** What was typed for flags that can be given more than once. */
  private readonly lists = new Map<string, readonly string[]>();
  private rows: Row[] = [];
  /** The answer that is to be changed. */
  private changing: string | undefined;

  /** @param interactive whether there is somebody to ask */
  constructor(flags: object, interactive: boolean, signal: AbortSignal) {
    this.flags = flags as Readonly<Record<string, unknown>>;
    this.questions = interactive ? new Questions(signal) : undefined;
  }

  /** The answer to a question. Throws InputError for a flag that is refused, and `ERR_USAGE` if nobody can be asked and there is no default. */
  async get<Value>(asked: Asked<Value>): Promise<Value> {
    const { flag, label, show = String } = asked;
    const given = this.typed.get(flag) ?? this.given(flag);
    const { value, text } = await this.answer(
      flag,
      typeof given === 'string' ? given.trim() : undefined,
      asked,
    );
    if (text !== undefined) this.typed.set(flag, text);
    this.rows.push({ key: flag, label, text: show(value) });
    return value;
  }

  /** Like `get`, but asks only if the person wants to change it; undefined if there is no answer. */
  async later<Value>(asked: AskedLater<Value>): Promise<Value | undefined> {
    const { flag, label, otherwise } = asked;
    const said = this.given(flag) !== undefined || this.typed.has(flag) || this.changing === flag;
    if (said) return this.get(asked);
    this.rows.push({ key: flag, label, text: otherwise });
    return undefined;
  }

  /** Like `get`, but only from a flag; undefined if the flag is not given. */
  async flagged<Value>(asked: Asked<Value>): Promise<Value | undefined> {
    return this.given(asked.flag) === undefined ? undefined : this.get(asked);
  }

  /** Like `get` again and again, until an empty answer. `next` gives the question, given the earlier answers. */
  async all<Value>(flag: string, next: (earlier: readonly Value[]) => Asked<Value>): Promise<Value[]> {
    const given = this.lists.get(flag) ?? (this.given(flag) as readonly string[] | undefined);
    const known = [...(given ?? [])];
    const values: Value[] = [];
    const texts: string[] = [];
    let open = given === undefined;
    for (;;) {
      const key = `${flag}.${values.length}`;
      const asked = next(values);
      const optional = values.length > 0 || known.length > 1;
      const typed = known.shift();
      if (typed === undefined && !open && this.changing !== key && values.length > 0) break;
      const { flag: of, label, question } = asked;
      const { value, text } = await this.answer<Value | undefined>(key, typed, {
        ...{ flag: of, label, question },
        read: (answer) => (answer === '' && optional ? undefined : asked.read(answer)),
        check: (item) => {
          if (item !== undefined) asked.check?.(item);
        },
        ...(optional && { fallback: '' }),
      });
      if (value === undefined) {
        open = false;
        continue;
      }
      values.push(value);
      texts.push(text ?? typed!);
      this.rows.push({ key, label, text: (asked.show ?? String)(value) });
    }
    this.lists.set(flag, texts);
    this.rows.push({ key: `${flag}.${values.length}`, label: next(values).label, text: '(one more)' });
    return values;
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

  /**
   * Shows all answers to the person and asks whether they are right. Returns true if they are, or if there is nobody to ask. Otherwise one answer is to
   * be changed, and the caller has to ask for all of them again.
   */
  async confirmed(title: string, question: string): Promise<boolean> {
    const { rows, questions } = this;
    this.rows = [];
    if (questions === undefined) return true;
    const width = Math.max(...rows.map(({ label }) => label.length));
    say();
    say(title);
    for (const [index, { label, text }] of rows.entries()) {
      say(`${String(index + 1).padStart(4)}  ${label.padEnd(width)}  ${text}`);
    }
    const chosen = await questions.ask(question, (typed) => {
      const row = /^\d+$/.test(typed) ? rows[Number(typed) - 1] : undefined;
      if (row !== undefined || typed === '') return row;
      throw usageError('that is no number of an answer', `they go from 1 to ${rows.length}`);
    });
    this.changing = chosen?.key;
    return chosen === undefined;
  }

  close(): void {
    this.questions?.close();
  }

  /** The earlier answer, unless it is to be changed or does not fit. Otherwise asks the person. */
  private async answer<Value>(
    key: string,
    given: string | undefined,
    { read, check, question, fallback, flag }: Asked<Value>,
  ): Promise<{ readonly value: Value; readonly text?: string }> {
    const { questions } = this;
    const changed = this.changing === key;
    if (changed) this.changing = undefined;
    const known = given === '' ? fallback : given;
    if (known !== undefined && !changed) {
      try {
        const value = decided(await read(known), known);
        check?.(value);
        return { value };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        if (questions === undefined) throw ofFlag(flag, error);
        say(failureLine(describeFailure(error)));
      }
    }
    const standing = changed && given !== undefined && fallback !== '' ? known : fallback;
    if (questions !== undefined) return questions.answer(question, { read, check, fallback: standing });
    if (fallback === undefined) {
      throw usageError(
        `--${kebab(flag)} is missing and there is no terminal to ask at`,
        `add --${kebab(flag)}`,
      );
    }
    const value = decided(await read(fallback), fallback);
    check?.(value);
    return { value };
  }
}

/** The value, if there is only one meaning. Throws InputError otherwise. */
function decided<Value>(found: Value | Meanings<Value>, typed: string): Value {
  if (!(found instanceof Meanings)) return found;
  const texts = found.choices.map(({ text }) => `“${text}”`);
  throw texts.length === 1
    ? usageError(`“${typed}” is not clear`, `write ${texts[0]} if that is meant`)
    : usageError(`“${typed}” can be read in more than one way`, `write ${texts.join(' or ')}`);
}

function ofFlag(flag: string, error: InputError): InputError {
  return new InputError(error.code, `--${kebab(flag)}: ${error.message}`, { hint: error.hint ?? '' });
}

function kebab(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
