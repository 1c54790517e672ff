import { createHash, createPrivateKey, createPublicKey, sign as signBytes } from 'node:crypto';
import { decodePublicKey } from '../../../src/crypto/ed25519.ts';
import {
  formatVerifierKey,
  type KeyType,
  keyTypes,
  type VerifierKey,
  verifierKey,
} from '../../../src/documents/tlog/verifier-key.ts';

/*
 * A log and its witnesses, written from the text of the specifications and not from the code under test.
 */

const sha256 = (...parts: readonly (Uint8Array | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** MTH of RFC 6962, section 2.1, by its recursive definition. */
export function treeRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!);
  const k = largestPower(leaves.length);
  return sha256(Buffer.of(1), treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}

/** PATH of RFC 6962, section 2.1.1. */
export function auditPath(index: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = largestPower(leaves.length);
  return index < k
    ? [...auditPath(index, leaves.slice(0, k)), treeRoot(leaves.slice(k))]
    : [...auditPath(index - k, leaves.slice(k)), treeRoot(leaves.slice(0, k))];
}

/** The largest power of two that is less than n. */
function largestPower(n: number): number {
  let power = 1;
  while (2 * power < n) power *= 2;
  return power;
}

export interface Signer {
  readonly key: VerifierKey;
  readonly text: string;
  /** A signature line over a message, whose signature begins with `head`. */
  line(message: string, head?: Uint8Array): string;
}

/** A key that signs notes, from a seed that is one number. */
export function signer(name: string, type: KeyType, seed: number): Signer {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const key = verifierKey(name, type, decodePublicKey(raw));
  const id = sha256(name, '\n', Buffer.of(keyTypes[type]), raw).subarray(0, 4);
  return {
    key,
    text: formatVerifierKey(key),
    line: (message, head = new Uint8Array()) => {
      const signature = signBytes(null, Buffer.from(message), privateKey);
      return `— ${name} ${Buffer.concat([id, head, signature]).toString('base64')}\n`;
    },
  };
}

/** A witness's line under a checkpoint. */
export function cosign(witness: Signer, body: string, time: number): string {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(time));
  return witness.line(`cosignature/v1\ntime ${time}\n${body}`, head);
}

/** The text of a checkpoint, without signatures. */
export function checkpointOf(origin: string, leaves: readonly Uint8Array[]): string {
  return `${origin}\n${leaves.length}\n${treeRoot(leaves).toString('base64')}\n`;
}

/** A proof that the log has its leaf `index`, seen by each witness at its time. */
export function proofOf(
  log: Signer,
  leaves: readonly Uint8Array[],
  index: number,
  seen: readonly (readonly [Signer, number])[],
): string {
  const body = checkpointOf(log.key.name, leaves);
  const path = auditPath(index, leaves).map((hash) => `${hash.toString('base64')}\n`);
  const lines = [log.line(body), ...seen.map(([witness, time]) => cosign(witness, body, time))];
  return ['c2sp.org/tlog-proof@v1\n', `index ${index}\n`, ...path, '\n', body, '\n', ...lines].join('');
}
