import { beginHash, hash } from '../../crypto/hash.ts';
import type { Kernel, Pointer } from '../../crypto/kernel.ts';
import type { StreamingHash } from '../../crypto/platform/platform.ts';
import type { Random } from '../../crypto/random.ts';
import { type Tag, tags } from '../../crypto/tags.ts';
import type { Link } from '../../link/link.ts';
import type { CorrelatedBits, Role } from './correlated-bits.ts';

/**
 * What every step of one engine shares: the connection, the secrets' memory, and the transcript to which every hash is bound.
 * Both parties advance the transcript alike, by public values only.
 */
export class Context {
  readonly link: Link;
  readonly random: Random;
  readonly correlated: CorrelatedBits;
  private transcript: Uint8Array;

  /** `sessionId` (32 bytes) names this engine: no other engine of the same connection has had it. */
  constructor(link: Link, random: Random, correlated: CorrelatedBits, sessionId: Uint8Array) {
    this.link = link;
    this.random = random;
    this.correlated = correlated;
    this.transcript = hash(tags.authenticatedTranscript, sessionId);
  }

  /** The same, bound to the transcript as it is now, for a step whose messages may cross those of later ones. */
  fork(): Context {
    const { link, random, correlated } = this;
    const copy = new Context(link, random, correlated, this.transcript);
    copy.transcript = this.transcript;
    return copy;
  }

  get kernel(): Kernel {
    return this.correlated.kernel;
  }

  get role(): Role {
    return this.correlated.role;
  }

  get peer(): Role {
    return this.role === 'garbler' ? 'evaluator' : 'garbler';
  }

  get delta(): Pointer {
    return this.correlated.delta;
  }

  /** Absorbs a public value that both parties hold, so that everything hashed later depends on it. */
  advance(step: string, ...parts: readonly (Uint8Array | number)[]): void {
    this.transcript = hash(tags.authenticatedTranscript, this.transcript, step, ...parts);
  }

  /** A hash bound to everything before, to `role` and to `step`. 32 bytes. */
  digest(tag: Tag, role: Role, step: string, ...parts: readonly Uint8Array[]): Uint8Array {
    return hash(tag, this.transcript, role, step, ...parts);
  }

  /** The same hash, whose only part comes in pieces: `length` bytes together. */
  beginDigest(tag: Tag, role: Role, step: string, length: number): StreamingHash {
    return beginHash(length, tag, this.transcript, role, step);
  }

  /** What names this moment of this engine, for the keys of label hashes: 32 bytes. */
  get binding(): Uint8Array {
    return this.transcript;
  }

  /** The region's bytes, by reference, until the next allocation. */
  blocks(pointer: Pointer, count: number): Uint8Array {
    return this.kernel.view(pointer, 16 * count);
  }
}
