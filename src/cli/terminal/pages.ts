import type { Questions } from './questions.ts';
import { say } from './terminal.ts';

/** Rows of a terminal that does not say how many it has. */
const ROWS = 24;

/** Says lines a screen at a time. Between two screens the person presses Enter, or leaves out the rest. */
export async function sayInPages(
  lines: readonly string[],
  questions: Questions,
  rows = process.stderr.rows || ROWS,
): Promise<void> {
  const screen = Math.max(1, rows - 2);
  for (let shown = 0; shown < lines.length; ) {
    const until = lines.length - shown <= rows - 1 ? lines.length : shown + screen;
    for (const line of lines.slice(shown, until)) say(line);
    shown = until;
    if (shown === lines.length) return;
    const left = lines.length - shown;
    const skip = await questions.ask(`${left} lines more: Enter shows them, q leaves them out`, (typed) =>
      /^q(uit)?$/i.test(typed),
    );
    if (skip) return;
  }
}
