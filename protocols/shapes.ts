/**
 * A mandate as a delegate or a file gives it. The rule decides which members are allowed. `reservations` has one for each round, in
 * order, where the terms have rounds. `nearMiss` opts in, where the terms have a near-miss bit.
 */
export type Mandate =
  | { readonly abstain: true }
  | { readonly reservation: bigint | string; readonly nearMiss?: boolean }
  | { readonly reservations: readonly (bigint | string)[]; readonly nearMiss?: boolean }
  | { readonly reservation: number; readonly ratings: Ratings }
  | { readonly reservation: number; readonly utilities: readonly number[] }
  | {
      readonly reservation: number;
      readonly weights: readonly number[];
      readonly evaluations: readonly (readonly number[])[];
    }
  | OwnMandate;

/**
 * Ratings of everything on a menu, by its names there: for every issue a weight and a rating of each value or, with one issue, a rating of every
 * option. All are from 0 to 1. With several issues, an option's utility is the sum of weight · rating.
 */
export type Ratings = Readonly<
  Record<string, number | { readonly weight: number; readonly values: Readonly<Record<string, number>> }>
>;

/** A mandate of another shape, for a custom rule. */
export interface OwnMandate {
  readonly abstain?: never;
  readonly reservation?: never;
  readonly reservations?: never;
  readonly [member: string]: unknown;
}

/** The outcome for callers. Prices are whole numbers on the terms' grid. Further members of a custom rule are in the outcome's JSON. */
export type Outcome =
  | { readonly deal: false }
  | { readonly deal: true }
  | { readonly deal: true; readonly price: bigint }
  | {
      readonly deal: true;
      readonly option: { readonly index: number; readonly values: Readonly<Record<string, string>> };
    };
