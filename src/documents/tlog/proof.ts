import { equalBytes } from '../../crypto/bytes.ts';
import { VerificationError } from '../../errors.ts';
import { decodeBase64 } from './base64.ts';
import { type LeafPlace, leafHash, rootOver } from './merkle.ts';
import { cosignedAt, isSignedBy, type Note, parseNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** Whose log, and whose word on when, somebody accepts. */
export interface LogPolicy {
  /** The log's key. Its name is the origin of the log's checkpoints. */
  readonly log: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
  /** How many of the witnesses have to have seen an entry. */
  readonly quorum: number;
}

/** An entry that a log has, by a proof that verifies. */
export interface Logged {
  /** Which entry of the log it is, from 0 on. */
  readonly index: number;
  /** Seconds since 1970 by which `quorum` witnesses had seen it: if fewer than that many are corrupt, the log had it then. */
  readonly time: number;
  /** Which witnesses have seen it, and when, the earliest first. */
  readonly seen: readonly { readonly witness: string; readonly time: number }[];
}

/** The longest proof that is read, in bytes. */
export const MAX_PROOF = 65_536;
const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const NUMBER = /^(0|[1-9]\d{0,15})$/;
const HASH = 32;

interface Proof {
  readonly place: Omit<LeafPlace, 'size'>;
  readonly checkpoint: Note;
}

/**
 * Verifies a proof (C2SP tlog-proof) that a log has an entry whose content is exactly `entry`, and that enough witnesses have seen it. Throws VerificationError
 * `ERR_PUBLICATION_FORMAT` for what is no such proof, `ERR_PUBLICATION_LOG` if it does not prove that this log has this entry, `ERR_PUBLICATION_WITNESS` if a witness has not
 * signed what it is said to have, or too few of them have signed.
 */
export function verifyLogged(proof: Uint8Array | string, entry: Uint8Array, policy: LogPolicy): Logged {
  const { place, checkpoint } = readProof(proof);
  const { origin, size, root } = readCheckpoint(checkpoint);
  if (origin !== policy.log.name || !isSignedBy(checkpoint, policy.log)) {
    throw notLogged('the checkpoint is not signed by the log that is asked for');
  }
  const found = rootOver(leafHash(entry), { ...place, size });
  if (found === undefined || !equalBytes(found, root)) {
    throw notLogged('the log does not have this document at this place');
  }
  const seen = witnessed(checkpoint, policy);
  return { index: place.index, time: seen[policy.quorum - 1]!.time, seen };
}

function witnessed(checkpoint: Note, { witnesses, quorum }: LogPolicy): Logged['seen'] {
  const seen = witnesses.flatMap((witness) => {
    const time = cosignedAt(checkpoint, witness);
    if (time === false) throw unwitnessed('a signature of a witness does not hold');
    return time === undefined ? [] : [{ witness: witness.name, time }];
  });
  if (seen.length < quorum) {
    throw unwitnessed(`${seen.length} of the witnesses have seen the entry, and ${quorum} are needed`);
  }
  return seen.toSorted((one, other) => one.time - other.time);
}

function readProof(proof: Uint8Array | string): Proof {
  const text = textOf(proof);
  const end = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split('\n');
  if (first !== FIRST_LINE) throw malformed('it does not begin as one');
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const [number, ...hashes] = lines;
  const index = number?.startsWith('index ') ? readNumber(number.slice(6)) : undefined;
  const path = hashes.map(decodeBase64);
  const checkpoint = parseNote(text.slice(end + 2));
  if (index === undefined || checkpoint === undefined || !path.every(isHash)) {
    throw malformed('a line of it cannot be read');
  }
  return { place: { index, path }, checkpoint };
}

function readCheckpoint({ text }: Note) {
  const [origin, count = '', coded = '', ...extensions] = text.slice(0, -1).split('\n');
  const size = readNumber(count);
  const root = decodeBase64(coded);
  if (!origin || size === undefined || !isHash(root) || extensions.includes('')) {
    throw malformed('its checkpoint cannot be read');
  }
  return { origin, size, root };
}

function textOf(proof: Uint8Array | string): string {
  if (proof.length > MAX_PROOF) throw malformed(`it is longer than ${MAX_PROOF} bytes`);
  if (typeof proof === 'string') return proof;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(proof);
  } catch {
    throw malformed('it is not UTF-8');
  }
}

function readNumber(text: string): number | undefined {
  const number = NUMBER.test(text) ? Number(text) : undefined;
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

function isHash(bytes: Uint8Array | undefined): bytes is Uint8Array {
  return bytes?.length === HASH;
}

function malformed(reason: string): VerificationError {
  return new VerificationError('ERR_PUBLICATION_FORMAT', `not a proof of publication: ${reason}`);
}

function notLogged(message: string): VerificationError {
  return new VerificationError('ERR_PUBLICATION_LOG', message);
}

function unwitnessed(message: string): VerificationError {
  return new VerificationError('ERR_PUBLICATION_WITNESS', message);
}
