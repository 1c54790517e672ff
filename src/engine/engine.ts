import type { Bits } from '../circuit/bits.ts';
import type { Circuit } from '../circuit/circuit.ts';
import type { Combinations } from '../circuit/combinations.ts';
import type { Party } from '../circuit/party.ts';

export type { Bits } from '../circuit/bits.ts';
export type { Party } from '../circuit/party.ts';

/** A handle on secret values inside an engine: `width` bits, in order. */
export interface Wires {
  readonly width: number;
}

/**
 * What the session does between the last check and the release of an outcome: each party's engagement travels
 * with the messages of the reveal, and neither releases its share before it holds the other's.
 */
export interface Release {
  /** Sends this party's part. Called once, when everything before the release has been checked or is under way. */
  send(): Promise<void>;
  /** Receives and verifies the peer's part. Called once, before this party's share is released. */
  receive(): Promise<void>;
}

/** What happens between the moment at which both parties' inputs of a reveal's first batch are fixed and the release: the two messages travel with the engine's. */
export interface Fixing {
  /** Sends what goes out right after this party's inputs, where these go out first. The peer takes it before it sends its own part. */
  withInputs?(): Promise<void>;
  /** Sends this party's part, which it has kept back until the peer's inputs were fixed. */
  send(): Promise<void>;
  /** Receives and verifies the peer's part. */
  receive(): Promise<void>;
}

/** The part of an engine that queues work. */
export type Queue = Pick<Engine, 'input' | 'apply' | 'slice' | 'concat' | 'release'>;

/** Queues everything up to a reveal, without bits, and so depends on public values only. */
export type Program = (queue: Queue) => void;

/** Evaluates circuits on both parties' secret inputs. Rules are written once, against this. */
export interface Engine {
  readonly party: Party;
  /**
   * Runs what does not depend on inputs ahead of time, for `ands` AND gates. A `program`, whose gates are among these, is what will be queued before some
   * reveal: an engine may then also do ahead all that its circuits decide. If nothing like it is ever queued, that was in vain. At most one program is prepared.
   * `onDone` may be called, after each part of the work, with the fraction that is done.
   */
  prepare(ands: number, program?: Program, onDone?: (done: number) => void): Promise<void>;
  /** `width` secret bits of `owner`; `bits` (exactly `width`) are given at the owner only. Queued. */
  input(owner: Party, width: number, bits?: Bits): Wires;
  /**
   * Evaluates a circuit, `copies` times side by side (default 1). Each input is either `copies` times as wide as the circuit's
   * group of wires (copy after copy) or just as wide, and then serves every copy. Gives all outputs, copy after copy. Queued.
   */
  apply(circuit: Circuit, inputs: readonly Wires[], copies?: number): Wires;
  /** Bits `start` to `end` of `wires`. Local. */
  slice(wires: Wires, start: number, end?: number): Wires;
  /** All of `wires`, one after another. Local. */
  concat(...wires: readonly Wires[]): Wires;
  /** Says these wires will not be used again: their memory is zeroed and reused once queued work is done. */
  release(...wires: readonly Wires[]): void;
  /**
   * Runs everything queued, all checks first, and opens `wires` to one party or both; undefined at a party it is not
   * opened to. With `release`, both parts of it happen between the checks and the opening; with `fixing`, both parts of that happen
   * before it, each once the peer's inputs of the first batch are fixed. An engine that cannot do so refuses with `ERR_USAGE`.
   */
  reveal(wires: Wires, to: Party | 'both', release?: Release, fixing?: Fixing): Promise<Bits | undefined>;
  /** Zeroes every secret. Every later call throws. */
  close(): void;
}

/**
 * An engine that can say what was entered, without showing it: a _fingerprint_ of a party's inputs is a linear hash of them under a mask, which
 * the engine proves to the peer. Its keys are drawn once what they hash is fixed. See src/garbling/authenticated/README.md, step 12.
 * Any other use than is said here throws `ERR_USAGE`.
 */
export interface FingerprintingEngine extends Engine {
  /** Enters both parties' masks (16 bytes; this party's own, random and used here only), once, before `fingerprint`. Queued. */
  maskFingerprints(mask: Uint8Array): void;
  /** Adds whole inputs, at most one of each party, once each, before the reveal that runs them and before any of their wires is released. Queued. */
  fingerprint(...inputs: readonly Wires[]): void;
  /** The key of each `fingerprint` call that has run, in order, 16 bytes each. */
  readonly fingerprintKeys: readonly Uint8Array[];
  /** Once a reveal has run all that is to be fingerprinted: sends this party's fingerprint (16 bytes), and gives it. Nothing can be added then. */
  sendFingerprint(): Promise<Uint8Array>;
  /** The peer's fingerprint, checked, at the same moment. Throws `ERR_PEER_CHEATED`, and closes the engine. */
  receiveFingerprint(): Promise<Uint8Array>;
}

/**
 * An engine in which each party can show the other what a circuit gives for what it has entered itself, or sums of bits of that, and nothing else. Circuit and sums may be chosen after the
 * inputs are fixed. See src/garbling/authenticated/README.md, steps 13 and 14. Any other use than is said here throws `ERR_USAGE`.
 */
export interface ProvingEngine extends Engine {
  /** Says that each party will prove a statement of at most `ands` gates. Once for each statement, before anything is prepared or revealed. */
  expectProof(ands: number): void;
  /**
   * Proves to the peer what `circuit` gives for whole inputs of this party that were fixed when a reveal's Fixing ran: within that reveal's release, or later. A party
   * proves its statements in the order in which they were expected, each once. `bits` are what was entered there. The peer calls `receiveProof` with the same circuit and inputs.
   */
  sendProof(circuit: Circuit, inputs: readonly Wires[], bits: Bits): Promise<void>;
  /** What the circuit gives for inputs of the peer, once it is proved. Throws `ERR_PEER_CHEATED`, and closes the engine. */
  receiveProof(circuit: Circuit, inputs: readonly Wires[]): Promise<Bits>;
  /** Says that each party will fix `count` bits that no circuit reads. Once, before anything is prepared or revealed. */
  expectFixed(count: number): void;
  /** Fixes these bits of this party, which it can then neither change nor deny: as many as were expected, once, within a reveal's Fixing. */
  sendFixed(bits: Bits): Promise<void>;
  /** The peer's part of the same. It shows nothing about the bits. */
  receiveFixed(): Promise<void>;
  /**
   * Opens to the peer linear combinations of a whole input of this party and of the bits that it has fixed besides, all of which are given, at any moment at which it could prove something about
   * that input, and gives their values. Positions of the fixed bits follow those of the input. Once for each party. The peer calls `receiveCombinations` with the same combinations. See step 14 there.
   */
  sendCombinations(combinations: Combinations, input: Wires, bits: Bits): Promise<Bits>;
  /** The values of combinations of what the peer has fixed. Throws `ERR_PEER_CHEATED`, and closes the engine. */
  receiveCombinations(combinations: Combinations, input: Wires): Promise<Bits>;
}
