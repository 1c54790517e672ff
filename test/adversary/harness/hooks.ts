import { seats } from './checks.ts';

// biome-ignore lint/suspicious/noExplicitAny: cheaters reach into private fields of every class
export type Inside = any;

type Method = (this: Inside, ...args: Inside[]) => Inside;

/** What a party does in place of a method: `self` is the object, `honestly` runs the method as it is. */
export type Deviation = (self: Inside, honestly: (...args: Inside[]) => Inside, ...args: Inside[]) => Inside;

interface Hook {
  /** What it is on, and at which party. */
  readonly name: string;
  readonly restore: () => void;
  reached: boolean;
}

const hooks: Hook[] = [];

/** Until `undoHooks`, has `party` do something else than a class's method; the other party, in the same process, keeps to it. */
export function hook(
  type: { readonly prototype: object; readonly name: string },
  method: string,
  party: 'a' | 'b',
  deviation: Deviation,
): void {
  const prototype = type.prototype as Record<string, Method>;
  const original = prototype[method];
  if (original === undefined) throw new Error(`${type.name} has no ${method}`);
  const own: Hook = {
    name: `${type.name}.${method} of ${party}`,
    restore: () => {
      prototype[method] = original;
    },
    reached: false,
  };
  prototype[method] = function (...args) {
    const honestly = (...given: Inside[]) => original.apply(this, given);
    if (seats.getStore()?.party !== party) return honestly(...args);
    own.reached = true;
    return deviation(this, honestly, ...args);
  };
  hooks.push(own);
}

/** Takes back every hook, as `dropHooks` does. Throws if one was never reached, for then its party did what it always does. */
export function undoHooks(): void {
  const unused = dropHooks().filter(({ reached }) => !reached);
  if (unused.length > 0) throw new Error(`nothing has come to ${unused.map(({ name }) => name).join(', ')}`);
}

/** Takes back every hook, where a run may have ended before it came to all of them. Call one of the two after each test. */
export function dropHooks(): readonly Hook[] {
  const dropped = hooks.splice(0).reverse();
  for (const { restore } of dropped) restore();
  return dropped;
}
