/**
 * A mandate as a delegate or a file gives it; which members are allowed depends on the rule. `reservations` are those of the rounds, in
 * order, and `nearMiss` opts in, where the terms have rounds or a near-miss bit.
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
 * Ratings of all that is on a menu, by the names that it has there: of every issue its weight and a rating of each value, or of every option where
 * there is one issue. All from 0 to 1; an option of several issues has the sum of weight · rating.
 */
export type Ratings = Readonly<
  Record<string, number | { readonly weight: number; readonly values: Readonly<Record<string, number>> }>
>;

/** A mandate of another shape, for a rule of one's own. */
export interface OwnMandate {
  readonly abstain?: never;
  readonly reservation?: never;
  readonly reservations?: never;
  readonly [member: string]: unknown;
}

/** What came out. Prices are whole numbers on the terms' grid. What else a rule of one's own gives is in the outcome's JSON. */
export type Outcome =
  | { readonly deal: false }
  | { readonly deal: true }
  | { readonly deal: true; readonly price: bigint }
  | {
      readonly deal: true;
      readonly option: { readonly index: number; readonly values: Readonly<Record<string, string>> };
    };
