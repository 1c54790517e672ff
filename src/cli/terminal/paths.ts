import { homedir } from 'node:os';
import { sep } from 'node:path';

/** A path for people: `~` for their home. */
export function shownPath(path: string): string {
  const home = `${homedir()}${sep}`;
  return path.startsWith(home) ? `~${sep}${path.slice(home.length)}` : path;
}
