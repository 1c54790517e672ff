import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/crypto/bytes.ts';
import {
  MAX_RECORD,
  type OpenedRecord,
  type RecordKind,
  RecordOpener,
  RecordSealer,
  recordKind,
} from '../../src/link/records.ts';
import { testRandom } from '../support/channels.ts';

const key = () => new Uint8Array(32).fill(5);
const cheated = expect.objectContaining({ code: 'ERR_PEER_CHEATED' });

/** What the platform under test seals at once. */
function seal(sealer: RecordSealer, kind: RecordKind, pieces?: Uint8Array[]): Uint8Array {
  return concatBytes(...(sealer.seal(kind, pieces) as readonly Uint8Array[]));
}

function sealed(...messages: Uint8Array[]): Uint8Array[] {
  const sealer = new RecordSealer(key());
  return messages.map((message) => seal(sealer, recordKind.data, [message]));
}

function open(...chunks: Uint8Array[]): OpenedRecord[] {
  const opener = new RecordOpener(key());
  const records: OpenedRecord[] = [];
  for (const chunk of chunks) void opener.push(chunk, (record) => records.push(record));
  return records;
}

const data = (record: OpenedRecord) => concatBytes(...record.pieces);

describe('records', () => {
  test('carry any length, whole, byte by byte, or joined', () => {
    const random = testRandom(1);
    for (const length of [1, 2, 15, 16, 17, 1_000, 65_537, MAX_RECORD]) {
      const message = random(length);
      const [record] = sealed(message);
      expect(Buffer.compare(data(open(record!)[0]!), message)).toBe(0);
      if (length > 1_000) continue;
      const bytes = Array.from(record!, (byte) => Uint8Array.of(byte));
      expect(data(open(...bytes)[0]!)).toEqual(message);
    }
    const messages = [random(3), random(70_000), random(5)];
    const opened = open(concatBytes(...sealed(...messages))).map(data);
    expect(opened.map((bytes, index) => Buffer.compare(bytes, messages[index]!))).toEqual([0, 0, 0]);
  });

  test('signals carry no data, and look no different from each other but for their length', () => {
    const sealer = new RecordSealer(key());
    const records = [recordKind.heartbeat, recordKind.close, recordKind.abort].map((kind) =>
      seal(sealer, kind),
    );
    expect(records.map((record) => record.length)).toEqual([21, 21, 21]);
    expect(open(...records).map(({ kind, length }) => [kind, length])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
  });

  test('what they look like', () => {
    const [first, second] = sealed(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3));
    expect([first, second].map((record) => Buffer.from(record!).toString('hex'))).toMatchSnapshot();
  });

  test('every changed byte is noticed', () => {
    const [record] = sealed(new Uint8Array(20));
    for (let at = 0; at < record!.length; at += 1) {
      const changed = record!.slice();
      changed[at]! ^= 1;
      // A changed length may only be noticed once as many bytes have come.
      const more = at < 4 ? [new Uint8Array(70_000)] : [];
      expect(() => open(changed, ...more)).toThrow(cheated);
    }
  });

  test('replayed, reordered, dropped and truncated records are noticed', () => {
    const [first, second] = sealed(Uint8Array.of(1), Uint8Array.of(2));
    expect(() => open(first!, first!)).toThrow(cheated);
    expect(() => open(second!, first!)).toThrow(cheated);
    expect(() => open(second!)).toThrow(cheated);
    expect(() => open(first!.subarray(0, 10), second!)).toThrow(cheated);
    expect(open(first!.subarray(0, first!.length - 1))).toEqual([]);
  });

  test('impossible lengths are refused from the header alone', () => {
    for (const length of [0, MAX_RECORD + 2, 0x7fffffff, 0xffffffff]) {
      const header = new Uint8Array(4);
      new DataView(header.buffer).setUint32(0, length);
      expect(() => open(header)).toThrow(cheated);
    }
  });

  test('unknown kinds, data without bytes, and signals with some are refused', () => {
    const sealer = new RecordSealer(key());
    expect(() => open(seal(sealer, 4 as never))).toThrow(cheated);
    expect(() => open(seal(new RecordSealer(key()), recordKind.data))).toThrow(cheated);
    const loud = seal(new RecordSealer(key()), recordKind.abort, [Uint8Array.of(1)]);
    expect(() => open(loud)).toThrow(cheated);
  });

  test('a peer that trickles a record holds bounded memory', () => {
    const [record] = sealed(new Uint8Array(200_000));
    const opener = new RecordOpener(key());
    let pieces = 0;
    for (let at = 0; at < record!.length; at += 1) {
      void opener.push(record!.subarray(at, at + 1), (opened) => {
        pieces = opened.pieces.length;
      });
    }
    expect(pieces).toBeGreaterThan(0);
    expect(pieces).toBeLessThan(200_000 / 50);
  });

  test('nothing is sealed past the largest record', () => {
    expect(() => new RecordSealer(key()).seal(recordKind.data, [new Uint8Array(MAX_RECORD + 1)])).toThrow();
  });
});
