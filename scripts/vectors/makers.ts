import { computation } from './computation.ts';
import { invites } from './invites.ts';
import type { Maker } from './shape.ts';

/** Every file of vectors/v1, by its name without the extension, in the order of docs/wire.md. */
export const makers: Readonly<Record<string, Maker>> = {
  invites,
  ...computation,
};
