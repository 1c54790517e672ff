/** How deep objects and arrays may stand in each other. The deepest document has about ten levels. */
export const MAX_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The first key, in whatever escaped form, that stands twice in one object of `text`, which `JSON.parse` must have accepted.
 * Throws RangeError where it nests deeper than `MAX_DEPTH`.
 */
export function duplicateKey(text: string): string | undefined {
  /** The keys seen in each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let beforeKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        if (open.length === MAX_DEPTH) throw new RangeError('nested too deep');
        beforeKey = text[at] === '{';
        open.push(beforeKey ? new Set() : undefined);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        beforeKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (beforeKey) {
          const key = JSON.parse(text.slice(at, end + 1)) as string;
          const keys = open.at(-1)!;
          if (keys.has(key)) return key;
          keys.add(key);
          beforeKey = false;
        }
        at = end;
      }
    }
  }
  return undefined;
}

/** Where the closing quotation mark of the string that begins at `start` stands. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
}
