import { styleText } from 'node:util';
import { columnsOf, wrap } from '../../../protocols/lines.ts';
import { print } from './output.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

/** Milliseconds after which work that is under way is announced. */
const ANNOUNCE = 1_000;
const TICK = 120;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Whether stderr is a terminal that may be written to in colours. */
const coloured =
  process.stderr.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';

/** Text in a style on a colour terminal, and unchanged elsewhere. */
export function style(format: Style | readonly Style[], text: string): string {
  return coloured ? styleText(format as Style | Style[], text, { validateStream: false }) : text;
}

/** Whether the line of a `Progress` stands on the terminal, with the cursor behind it. */
let drawn = false;

/** A line for people, on stderr. */
export function say(line = ''): void {
  clearLine();
  process.stderr.write(`${fitted(line)}\n`);
}

function clearLine(): void {
  if (drawn) process.stderr.write('\r\u001b[K');
  drawn = false;
}

/**
 * A text for stderr. On a terminal a line that is too long is broken between words, with the same indent. A word that is longer than a line, such as a
 * path, stays whole.
 */
export function fitted(text: string): string {
  if (!process.stderr.isTTY) return text;
  const columns = terminalColumns();
  const lines = text.split('\n').flatMap((line) => {
    if (columnsOf(line) <= columns) return [line];
    const indent = /^ */.exec(line)![0].slice(0, columns >> 1);
    return wrap(line, { indent, columns, cut: false });
  });
  return lines.join('\n');
}

/** Columns of the terminal on stderr; 80 where it does not say. */
export function terminalColumns(): number {
  return process.stderr.columns || 80;
}

/** The one JSON document of a command, on stdout. */
export function printJson(value: unknown): void {
  print(`${jsonText(value)}\n`);
}

/** A value as JSON. Bigints become decimal strings. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? member.toString() : member,
  );
}

/** Shows on stderr what is under way, once it has taken more than a second. */
export class Progress {
  private label = '';
  private detail = '';
  private shown = '';
  private since = 0;
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Says what is under way now, and on a terminal how far it has come. */
  update(label: string, detail = ''): void {
    if (label !== this.label) this.since = performance.now();
    this.label = label;
    this.detail = detail;
    this.timer ??= setInterval(() => this.draw(), TICK).unref();
  }

  /** Takes the line away. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    clearLine();
    this.shown = '';
    this.label = '';
  }

  private draw(): void {
    if (performance.now() - this.since < ANNOUNCE || this.label === '') return;
    if (process.stderr.isTTY) {
      this.frame = (this.frame + 1) % FRAMES.length;
      const detail = this.detail === '' ? '' : `: ${this.detail}`;
      this.shown = `${FRAMES[this.frame]} ${this.label}${detail}`;
      process.stderr.write(`\r\u001b[K${style('dim', this.shown.slice(0, 79))}`);
      drawn = true;
    } else {
      if (this.label !== this.shown) say(`${this.label} …`);
      this.shown = this.label;
    }
  }
}
