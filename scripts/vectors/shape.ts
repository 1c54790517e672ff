import { toHex } from '../../src/crypto/encoding.ts';
import { type Random, seededRandom } from '../../src/crypto/random.ts';
import { cryptoReady } from '../../src/crypto/ready.ts';
import { type GeneralJws, serializeJws } from '../../src/documents/jws.ts';
import { WIRE_VERSION } from '../../src/link/handshake.ts';

/** What a vector file holds besides `about` and `wire`. Bytes are written with `hex`. */
export type Members = Readonly<Record<string, unknown>>;

/** Makes one file of vectors: the same members each time. */
export interface Maker {
  /** What is in the file, as docs/wire.md says it, too. */
  readonly about: string;
  /** Named members in the order of the file. The crypto library is ready. */
  make(): Members | Promise<Members>;
}

/** The text of a file of vectors. */
export async function fileOf({ about, make }: Maker): Promise<string> {
  await cryptoReady();
  return `${JSON.stringify({ about, wire: WIRE_VERSION, ...(await make()) }, undefined, 1)}\n`;
}

/** Bytes as vector files write them. */
export const hex = toHex;

/** A stream of bytes for tests and vectors, from a small number. */
export function seeded(seed: number): Random {
  return seededRandom(new Uint8Array(16).fill(seed));
}

/** A signed document's bytes as text. */
export function textOf(document: GeneralJws): string {
  return new TextDecoder().decode(serializeJws(document));
}

/** A value that takes long to make, and is made once. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
