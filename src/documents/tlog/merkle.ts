import { platform } from '#platform';

/*
 * The Merkle tree of RFC 6962, section 2.1, and RFC 9162, section 2.1. Hashes are SHA-256 without a tag of Parley's, as all such logs have them: a leaf begins with the
 * byte 0, an inner node with the byte 1.
 */

/** Where a leaf stands in a tree, and the hashes beside its way to the root, from the leaf's own sibling on. */
export interface LeafPlace {
  readonly index: number;
  /** How many leaves the tree has. */
  readonly size: number;
  readonly path: readonly Uint8Array[];
}

/** The hash of a leaf, 32 bytes. */
export function leafHash(data: Uint8Array): Uint8Array {
  return hashed(0, data);
}

/** The hash of an inner node, 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashed(1, left, right);
}

/** The root of the tree that has a leaf at this place (RFC 9162, section 2.1.3.2); undefined if there is no such place, or the path is not as long as the way from it. */
export function rootOver(leaf: Uint8Array, { index, size, path }: LeafPlace): Uint8Array | undefined {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) {
    return undefined;
  }
  // Where the node is among those of its level, and where the last one is.
  let place = index;
  let last = size - 1;
  let digest = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      digest = nodeHash(sibling, digest);
      // The last node of a level without a sibling moves up as it is.
      while (place % 2 === 0 && place > 0) [place, last] = [half(place), half(last)];
    } else {
      digest = nodeHash(digest, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? digest : undefined;
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function hashed(prefix: 0 | 1, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + parts.reduce((sum, { length }) => sum + length, 0));
  bytes[0] = prefix;
  let at = 1;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return platform.sha256(bytes);
}
