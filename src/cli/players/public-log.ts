import { fromHex, utf8 } from '../../crypto/encoding.ts';
import { generateIdentity, type LocalIdentity, rawPublicKey } from '../../documents/identity.ts';
import type { PublishTerms } from '../../documents/publish-terms.ts';
import { encodeBase64 } from '../../documents/tlog/base64.ts';
import { leafHash, nodeHash } from '../../documents/tlog/merkle.ts';
import { formatVerifierKey, type KeyType, verifierKey } from '../../documents/tlog/verifier-key.ts';

/** A public log and its witness, as a story needs them: in this process, in memory, with fresh keys. */
export interface PublicLog {
  /** What terms say of it. */
  readonly publish: PublishTerms;
  /** Takes up a document; the proof that it has, signed by the log and, now, by the witness. */
  append(document: Uint8Array): Promise<string>;
}

interface Signer {
  readonly text: string;
  /** The signature line of a message; `time` stands before the signature. */
  line(message: string, time?: number): Promise<string>;
}

export function publicLog(): PublicLog {
  const origin = 'log.example/persona';
  const log = signer(origin, 'log', generateIdentity());
  const witness = signer('witness.example', 'witness', generateIdentity());
  const leaves: Uint8Array[] = [];
  return {
    publish: { at: 'https://log.example/persona', log: log.text, witnesses: [witness.text], quorum: 1 },
    async append(document) {
      const index = leaves.push(leafHash(document)) - 1;
      const body = `${origin}\n${leaves.length}\n${encodeBase64(root(leaves))}\n`;
      const time = Math.floor(Date.now() / 1000);
      const path = pathTo(index, leaves).map((digest) => `${encodeBase64(digest)}\n`);
      const signed = await log.line(body);
      const seen = await witness.line(`cosignature/v1\ntime ${time}\n${body}`, time);
      return ['c2sp.org/tlog-proof@v1\n', `index ${index}\n`, ...path, '\n', body, '\n', signed, seen].join(
        '',
      );
    },
  };
}

function signer(name: string, type: KeyType, identity: LocalIdentity): Signer {
  const key = verifierKey(name, type, rawPublicKey(identity.publicKey));
  return {
    text: formatVerifierKey(key),
    async line(message, time) {
      const head = new Uint8Array(time === undefined ? 0 : 8);
      if (time !== undefined) new DataView(head.buffer).setBigUint64(0, BigInt(time));
      const parts = [fromHex(key.id), head, await identity.sign(utf8(message))];
      return `— ${name} ${encodeBase64(Uint8Array.from(parts.flatMap((part) => [...part])))}\n`;
    },
  };
}

/** The root of a tree (RFC 6962, section 2.1) over the hashes of at least one leaf. */
function root(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  const half = split(leaves.length);
  return nodeHash(root(leaves.slice(0, half)), root(leaves.slice(half)));
}

/** The hashes beside the way from a leaf to the root (section 2.1.1). */
function pathTo(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const half = split(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half ? [...pathTo(index, left), root(right)] : [...pathTo(index - half, right), root(left)];
}

/** The largest power of two that is less than `count`, which is at least two. */
function split(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}
