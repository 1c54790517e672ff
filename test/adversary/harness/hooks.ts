import { seats } from './checks.ts';

// biome-ignore lint/suspicious/noExplicitAny: cheaters reach into private fields of every class
export type Inside = any;

type Method = (this: Inside, ...args: Inside[]) => Inside;

/** What a party does in place of a method: `self` is the object, `honestly` runs the method as it is. */
export type Deviation = (self: Inside, honestly: (...args: Inside[]) => Inside, ...args: Inside[]) => Inside;

const undo: (() => void)[] = [];

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
  prototype[method] = function (...args) {
    const honestly = (...given: Inside[]) => original.apply(this, given);
    return seats.getStore()?.party === party ? deviation(this, honestly, ...args) : honestly(...args);
  };
  undo.push(() => {
    prototype[method] = original;
  });
}

/** Takes back every hook. Call it after each test. */
export function undoHooks(): void {
  for (const restore of undo.splice(0).reverse()) restore();
}
