import type { AuthenticatedEvaluator } from '../../../src/engine/authenticated/evaluator.ts';
import type { AuthenticatedGarbler } from '../../../src/engine/authenticated/garbler.ts';
import type { Bits } from '../../../src/engine/engine.ts';
import { ParleyError } from '../../../src/errors.ts';
import type { Link } from '../../../src/link/link.ts';
import {
  type AnyMessageType,
  type Delivery,
  type LinkSide,
  memoryLinkPair,
} from '../../../src/link/memory-link.ts';
import { type Seat, seats } from './checks.ts';
import {
  Dealer,
  type SeatedEvaluator,
  type SeatedGarbler,
  type Setup,
  seatEvaluator,
  seatGarbler,
} from './engines.ts';
import type { Program } from './programs.ts';

/** One message of a run: who sent it, and how many of its type that party had sent before. */
export interface Sent {
  readonly side: LinkSide;
  readonly type: AnyMessageType;
  readonly occurrence: number;
  readonly fields: Readonly<Record<string, Uint8Array>>;
}

/** Gives what to deliver in place of a message: nothing to leave it alone, none to drop it, more to insert. */
export type Rule = (sent: Sent, run: Sent[]) => readonly Delivery[] | undefined;

export interface DuelOptions {
  readonly program: Program;
  readonly seed: number;
  readonly inputs: { readonly a: Bits; readonly b: Bits };
  /** Who cheats: checks nothing, and its messages may be changed. Without one, both are honest. */
  readonly cheater?: 'a' | 'b';
  /** Changes messages on their way, in both directions. A duel in which it changes none throws. */
  readonly rule?: Rule;
  /** Whether the rule may find nothing to change. */
  readonly mayChangeNothing?: boolean;
  /** Checks that are off at the honest party. */
  readonly off?: readonly string[];
  readonly baseOts?: Setup['baseOts'];
  readonly random?: Setup['random'];
  /** Milliseconds of silence before a party gives up. */
  readonly timeout?: number;
  /** Cheating engines in place of the real ones. */
  readonly garbler?: typeof AuthenticatedGarbler;
  readonly evaluator?: typeof AuthenticatedEvaluator;
  /** Sees each party's engine before its program starts. */
  readonly seated?: (seated: SeatedGarbler | SeatedEvaluator) => void;
}

/** How a party's run ended. */
export type Ending =
  | { readonly outcome: readonly (Bits | undefined)[]; readonly failed: readonly string[] }
  | { readonly code: string; readonly error: unknown; readonly failed: readonly string[] };

export interface Duel {
  readonly a: Ending;
  readonly b: Ending;
  /** Every message as it was sent, before the rule. */
  readonly sent: readonly Sent[];
}

/** Milliseconds after which a duel in which nobody sends anything, and nobody ends, counts as hung. */
const HUNG = 20_000;

/** Runs a program at both parties, each in its seat, over memory links. Throws if it hangs, and if the rule has changed nothing. */
export async function duel(options: DuelOptions): Promise<Duel> {
  const { program, seed, inputs, cheater, rule, off = [], timeout = 10_000 } = options;
  const sent: Sent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let changed = false;
  const counts = new Map<string, number>();
  const [linkA, linkB] = memoryLinkPair({
    timeout,
    intercept: (side, type, fields) => {
      const key = `${side} ${type.name}`;
      const occurrence = counts.get(key) ?? 0;
      counts.set(key, occurrence + 1);
      const copies = Object.fromEntries(Object.entries(fields).map(([name, bytes]) => [name, bytes.slice()]));
      const message = { side, type, occurrence, fields: copies };
      sent.push(message);
      timer?.refresh();
      const deliveries = rule?.(message, sent);
      changed ||= deliveries !== undefined;
      return deliveries ?? fields;
    },
  });
  const setup: Setup = {
    seed,
    baseOts: options.baseOts ?? 'dealt',
    ...(options.random === undefined ? {} : { random: options.random }),
  };
  const dealer = new Dealer(seed);
  const seatOf = (party: 'a' | 'b'): Seat => {
    const honest = party !== cheater;
    return { party, honest, off: new Set(honest ? off : []), failed: [] };
  };
  const sit = <S extends SeatedGarbler | SeatedEvaluator>(
    party: 'a' | 'b',
    link: Link & { destroy(): void },
    open: (link: Link) => Promise<S>,
  ): Promise<Ending> => {
    const seat = seatOf(party);
    return seats.run(seat, async () => {
      let seated: S | undefined;
      try {
        const through = program.through?.(party, link, seed) ?? link;
        seated = await open(through);
        options.seated?.(seated);
        const outcome = await program.run(seated.engine, inputs[party], through);
        return { outcome, failed: seat.failed };
      } catch (error) {
        return {
          code: error instanceof ParleyError ? error.code : 'a fault',
          error,
          failed: seat.failed,
        };
      } finally {
        link.destroy();
        seated?.engine.close();
      }
    });
  };
  // The evaluator's seat is set first: a dealer needs its Δ.
  const b = sit('b', linkB, (link) => seatEvaluator(link, setup, dealer, options.evaluator));
  const a = sit('a', linkA, (link) => seatGarbler(link, setup, dealer, options.garbler));
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${program.name} hangs`)), HUNG);
  });
  try {
    const [endA, endB] = await Promise.race([Promise.all([a, b]), hung]);
    if (rule !== undefined && !changed && options.mayChangeNothing !== true) {
      throw new Error(`the attack on ${program.name} has changed nothing`);
    }
    return { a: endA, b: endB, sent };
  } finally {
    clearTimeout(timer);
  }
}

/** The party that does not cheat. */
export const other = (party: 'a' | 'b'): 'a' | 'b' => (party === 'a' ? 'b' : 'a');

/** The code that a party ended with, or undefined if it has an outcome. */
export function codeOf(ending: Ending): string | undefined {
  return 'code' in ending ? ending.code : undefined;
}

/** A party's outcome. Throws what ended it, if anything did. */
export function outcomeOf(ending: Ending): readonly (Bits | undefined)[] {
  if ('outcome' in ending) return ending.outcome;
  throw ending.error;
}
