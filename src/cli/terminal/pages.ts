import type { Questions } from './questions.ts';
import { say } from './terminal.ts';

/** Rows of a terminal that does not say how many it has. */
const ROWS = 24;

/**
 * Shows lines one screen at a time. The first `above` rows of the first screen hold earlier text that must not scroll away unread. Between two screens the
 * person presses Enter, or skips the rest.
 */
export async function sayInPages(
  lines: readonly string[],
  questions: Questions,
  { rows = process.stderr.rows || ROWS, above = 0 }: { readonly rows?: number; readonly above?: number } = {},
): Promise<void> {
  for (let shown = 0; shown < lines.length; ) {
    const free = shown === 0 ? rows - above : rows;
    const until = lines.length - shown <= free - 1 ? lines.length : shown + Math.max(1, free - 2);
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
