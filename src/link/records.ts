import { platform } from '#platform';
import { concatBytes } from '../crypto/bytes.ts';
import { hash } from '../crypto/hash.ts';
import type { Aead, AeadOpening, MaybePromise } from '../crypto/platform/platform.ts';
import { tags } from '../crypto/tags.ts';
import { ConnectionError, PeerCheatedError } from '../errors.ts';

/** The most plaintext bytes a record can carry. */
export const MAX_RECORD = 1 << 20;

/** The kind of a record, which is the first byte of its plaintext. */
export const recordKind = { data: 0, heartbeat: 1, close: 2, abort: 3 } as const;
export type RecordKind = (typeof recordKind)[keyof typeof recordKind];

const HEADER = 4;
const TAG = 16;
/** Bytes of a record beside its data: header, kind and tag. */
export const RECORD_OVERHEAD = HEADER + 1 + TAG;
/** The most records under one key: far fewer than AES-GCM's bounds allow, and far more than a session needs. */
const MAX_RECORDS = 2 ** 32;
/** Records of up to this many bytes are sent in one part. */
const ONE_PART = 65_536;

/** The AES-256 key of one direction, from that direction's Noise key (32 bytes) and the session id. */
export function recordKey(noiseKey: Uint8Array, sessionId: Uint8Array): Uint8Array {
  return hash(tags.recordKey, noiseKey, sessionId);
}

/**
 * Seals one direction's records: header (4 bytes, big-endian: plaintext length with its kind byte), ciphertext, 16-byte tag.
 * The header is authenticated, and the nonce is the record's number. So a record that is changed, replayed, left out or moved is noticed.
 */
export class RecordSealer {
  private readonly aead: Aead;
  private readonly nonce = new RecordNonce();
  /** Settles after the last record that was not sealed at once. */
  private last: Promise<unknown> | undefined;

  /** Takes over the key. */
  constructor(key: Uint8Array) {
    this.aead = platform.aead(key);
  }

  /**
   * The bytes of the next record, in parts to be sent in order. `pieces` hold at most MAX_RECORD bytes together. The caller may use them again as
   * soon as this returns. Promises settle in the order of the calls.
   */
  seal(kind: RecordKind, pieces: readonly Uint8Array[] = []): MaybePromise<readonly Uint8Array[]> {
    let length = 1;
    for (const piece of pieces) length += piece.length;
    if (length > MAX_RECORD + 1) throw new Error('too much for one record');
    const header = new Uint8Array(HEADER);
    new DataView(header.buffer).setUint32(0, length);
    const sealed = this.aead.seal(this.nonce.next(), header, [Uint8Array.of(kind), ...pieces]);
    if (!(sealed instanceof Promise)) return inParts(header, sealed, length);
    const inOrder = Promise.all([sealed, this.last]).then(([parts]) => inParts(header, parts, length));
    this.last = inOrder;
    return inOrder;
  }

  /** Zeroes the key. */
  destroy(): void {
    this.aead.destroy();
  }
}

function inParts(header: Uint8Array, sealed: readonly Uint8Array[], length: number): readonly Uint8Array[] {
  return length > ONE_PART ? [header, ...sealed] : [concatBytes(header, ...sealed)];
}

/** An authenticated record: its kind, and its data in pieces. */
export interface OpenedRecord {
  readonly kind: RecordKind;
  readonly pieces: readonly Uint8Array[];
  /** Bytes in `pieces`. */
  readonly length: number;
}

/**
 * Opens the other direction's records from chunks of any size. No part of a record is returned before its tag has been
 * checked, and no memory is allocated for a length that a header only claims.
 * `push` throws PeerCheatedError (an impossible length or kind, or a record that does not verify); the opener is then unusable. The error is
 * attributable to the peer only if the tag has verified.
 */
export class RecordOpener {
  private readonly aead: Aead;
  private readonly nonce = new RecordNonce();
  private readonly header = new Uint8Array(HEADER);
  private headerFilled = 0;
  private readonly tag = new Uint8Array(TAG);
  private tagFilled = 0;
  private opening: AeadOpening | undefined;
  private length = 0;
  private left = 0;

  /** Takes over the key. */
  constructor(key: Uint8Array) {
    this.aead = platform.aead(key);
  }

  /**
   * Takes a chunk and calls `onRecord` for every record that it completes. If this returns a promise, the next chunk must wait for it.
   */
  push(chunk: Uint8Array, onRecord: (record: OpenedRecord) => void): MaybePromise<void> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.opening === undefined) {
        offset += this.fillHeader(chunk.subarray(offset));
      } else if (this.left > 0) {
        // The kind is read by itself, so that the data is in pieces of its own.
        const most = this.left === this.length ? 1 : this.left;
        const part = chunk.subarray(offset, offset + most);
        this.opening.push(part);
        this.left -= part.length;
        offset += part.length;
      } else {
        const part = chunk.subarray(offset, offset + TAG - this.tagFilled);
        this.tag.set(part, this.tagFilled);
        this.tagFilled += part.length;
        offset += part.length;
        if (this.tagFilled < TAG) return;
        const pieces = this.opening.finish(this.tag);
        if (pieces instanceof Promise) {
          return pieces.then((opened) => {
            onRecord(this.finish(opened));
            return this.push(chunk.subarray(offset), onRecord);
          });
        }
        onRecord(this.finish(pieces));
      }
    }
  }

  /** Zeroes the key and drops all data that was not yet authenticated. */
  destroy(): void {
    this.aead.destroy();
    this.opening = undefined;
  }

  private fillHeader(bytes: Uint8Array): number {
    const part = bytes.subarray(0, HEADER - this.headerFilled);
    this.header.set(part, this.headerFilled);
    this.headerFilled += part.length;
    if (this.headerFilled === HEADER) {
      this.length = new DataView(this.header.buffer).getUint32(0);
      if (this.length < 1 || this.length > MAX_RECORD + 1)
        throw new PeerCheatedError('length of a record', false);
      this.left = this.length;
      this.opening = this.aead.open(this.nonce.next(), this.header);
    }
    return part.length;
  }

  private finish(opened: readonly Uint8Array[] | undefined): OpenedRecord {
    if (opened === undefined) throw new PeerCheatedError('authentication of a record', false);
    const [first, ...others] = opened;
    const kind = first![0]!;
    if (kind > recordKind.abort) throw new PeerCheatedError('kind of a record');
    const length = this.length - 1;
    if ((kind === recordKind.data) !== length > 0) throw new PeerCheatedError('length of a record');
    const head = first!.subarray(1);
    const pieces = head.length > 0 ? [head, ...others] : others;
    this.opening = undefined;
    this.headerFilled = 0;
    this.tagFilled = 0;
    return { kind: kind as RecordKind, pieces, length };
  }
}

/** 96-bit nonces 0, 1, 2, … */
class RecordNonce {
  private count = 0;

  next(): Uint8Array {
    if (this.count >= MAX_RECORDS) {
      throw new ConnectionError('ERR_WIRE_FORMAT', 'this connection has carried all the records it can', {
        hint: 'open a new session',
      });
    }
    const nonce = new Uint8Array(12);
    const view = new DataView(nonce.buffer);
    view.setUint32(4, Math.floor(this.count / 2 ** 32));
    view.setUint32(8, this.count % 2 ** 32);
    this.count += 1;
    return nonce;
  }
}
