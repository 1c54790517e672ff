/** A public Ed25519 JWK with exactly these members (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** The price grid: integers as decimal strings, min ≤ max, step ≥ 1. Prices are min, min + step, … ≤ max. */
export interface Range {
  readonly min: string;
  readonly max: string;
  readonly step: string;
  readonly unit: string;
  readonly decimals: number;
}

/** The public menu of deals: issues, each with its values. Options are numbered with the first issue most significant. */
export interface Menu {
  readonly issues: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export type Security = 'malicious' | 'semi-honest';

/**
 * Completed terms, as JSON: every default written out, so the digest over the RFC 8785 bytes fixes all of it. `rule` has
 * the rule's own further members.
 */
export interface Terms {
  readonly parley: 1;
  readonly subject: string;
  readonly rule: { readonly name: string; readonly [member: string]: unknown };
  readonly range?: Range;
  readonly menu?: Menu;
  /** Public keys by role, in the rule's order of roles. */
  readonly parties: Readonly<Record<string, PublicJwk>>;
  readonly security: Security;
  readonly expires: string;
  readonly nonce: string;
}

/** What a rule reveals, as JSON; prices are decimal strings. */
export type OutcomeJson =
  | { readonly deal: false }
  | { readonly deal: true }
  | { readonly deal: true; readonly price: string }
  | {
      readonly deal: true;
      readonly option: { readonly index: number; readonly values: Readonly<Record<string, string>> };
    };
