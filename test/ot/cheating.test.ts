import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/crypto/kernel.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import { answer, challenge, hashColumn, hashMatrix } from '../../src/ot/extension/check.ts';
import { matrixRows, type TreeDepth } from '../../src/ot/extension/parameters.ts';
import { type BatchFields, digestSetup } from '../../src/ot/extension/receiver.ts';
import { bitAt } from '../../src/ot/seeds.ts';
import { dealtPair } from './support.ts';

const COUNT = 300;
const ROWS = matrixRows(COUNT);
const LENGTH = ROWS / 8;

/** A session before the first batch's message is delivered, and all that a cheating receiver knows in it. */
function start(seed = 1, depth: TreeDepth = 4) {
  const pair = dealtPair({ seed, depth });
  pair.sender.acceptSetup(pair.receiver.setup);
  const { message, macs } = pair.receiver.extend(COUNT);
  return { ...pair, depth, seed, macs, message: copyOf(message) };
}

type Session = ReturnType<typeof start>;

function copyOf(message: BatchFields): BatchFields {
  return {
    correction: message.correction.slice(),
    choiceHash: message.choiceHash.slice(),
    macHash: message.macHash.slice(),
  };
}

/** Choices of all rows, packed, those that pad and hide the check included: read off the keys of a twin session. */
function allChoices({ seed, depth }: Session): Uint8Array {
  const twin = start(seed, depth);
  const keys = twin.kernel.read(twin.sender.extend(COUNT, twin.message), ROWS * 16);
  const macs = twin.kernel.read(twin.macs, ROWS * 16);
  const choices = new Uint8Array(LENGTH);
  for (let row = 0; row < ROWS; row++) {
    const same = Buffer.from(keys.subarray(row * 16, row * 16 + 16)).equals(
      macs.subarray(row * 16, row * 16 + 16),
    );
    if (!same) choices[row >> 3]! |= 1 << (row & 7);
  }
  return choices;
}

function challengeOf({ common, receiver }: Session, correction: Uint8Array): Uint8Array {
  const setup = digestSetup(receiver.setup);
  return challenge(
    { sid: common.sid, direction: common.direction, setup, batch: 0, count: COUNT },
    correction,
  );
}

function hashOf(kernel: Kernel, chi: Uint8Array, bits: Uint8Array): Uint8Array {
  const at = kernel.allocate(LENGTH);
  kernel.write(at, bits);
  return hashColumn(kernel, chi, at, ROWS);
}

/**
 * The best message of a receiver that adds `error` (a bit a row) to its choices in some trees only: with the challenge that follows, it
 * answers so that the check passes exactly if it has guessed those trees' bits of Δ. `guess` is a Δ.
 */
function inconsistent(
  session: Session,
  error: Uint8Array,
  trees: readonly number[],
  guess: Uint8Array,
): BatchFields {
  const { kernel, depth } = session;
  const { correction } = copyOf(session.message);
  for (const tree of trees) {
    for (let j = 0; j < LENGTH; j++) correction[tree * LENGTH + j]! ^= error[j]!;
  }
  const chi = challengeOf(session, correction);
  const hashed = hashMatrix(kernel, chi, session.macs, ROWS);
  const errorHash = hashOf(kernel, chi, error);
  for (const tree of trees) {
    for (let column = tree * depth; column < (tree + 1) * depth; column++) {
      for (let row = 0; row < 128; row++) {
        const bit = bitAt(errorHash, row) & bitAt(guess, column);
        hashed[row * 16 + (column >> 3)]! ^= bit << (column & 7);
      }
    }
  }
  return {
    correction,
    choiceHash: hashOf(kernel, chi, allChoices(session)),
    macHash: answer(chi, hashed),
  };
}

function errorIn(...rows: readonly number[]): Uint8Array {
  const error = new Uint8Array(LENGTH);
  for (const row of rows) error[row >> 3]! |= 1 << (row & 7);
  return error;
}

describe('COT sender against a cheating receiver', () => {
  it.each(['correction', 'choiceHash', 'macHash'] as const)('refuses a change to %s anywhere', (field) => {
    const length = start().message[field].length;
    for (let at = 0; at < length; at += field === 'correction' ? 37 : 3) {
      const { sender, message } = start();
      message[field][at]! ^= 1 << (at & 7);
      expect(() => sender.extend(COUNT, message)).toThrow(PeerCheatedError);
    }
  });

  it.each(['correction', 'choiceHash', 'macHash'] as const)('refuses %s of another length', (field) => {
    const { sender, message } = start();
    expect(() => sender.extend(COUNT, { ...message, [field]: message[field].subarray(1) })).toThrow(
      PeerCheatedError,
    );
  });

  it('passes the rebuilt honest message: the attacks below fail for their error alone', () => {
    const session = start();
    const message = inconsistent(session, errorIn(), [0], session.delta);
    expect(message).toEqual(session.message);
    expect(() => session.sender.extend(COUNT, message)).not.toThrow();
  });

  it('refuses choices that differ between two halves of the columns', () => {
    for (const rows of [[0], [299], [1, 2, 3, 250]]) {
      const session = start(rows.length);
      const trees = Array.from({ length: 16 }, (_, tree) => tree);
      const message = inconsistent(session, errorIn(...rows), trees, session.random(16));
      expect(() => session.sender.extend(COUNT, message)).toThrow(PeerCheatedError);
    }
  });

  it('refuses errors in the rows that pad and hide the check too', () => {
    for (const row of [COUNT, ROWS - 129, ROWS - 128, ROWS - 1]) {
      const session = start(row & 255);
      const guess = session.delta.map((byte) => ~byte);
      const message = inconsistent(session, errorIn(row), [3], guess);
      expect(() => session.sender.extend(COUNT, message)).toThrow(PeerCheatedError);
    }
  });

  it('lets one tree’s error pass for one guess of its four bits in sixteen, as the functionality allows, and no more', () => {
    let passed = 0;
    for (let guess = 0; guess < 16; guess++) {
      const session = start();
      const tree = 5;
      const delta = new Uint8Array(16);
      delta[tree >> 1] = guess << ((tree & 1) * 4);
      const message = inconsistent(session, errorIn(17), [tree], delta);
      const right = ((session.delta[tree >> 1]! >> ((tree & 1) * 4)) & 15) === guess;
      const attempt = () => session.sender.extend(COUNT, message);
      if (right) {
        expect(attempt).not.toThrow();
        passed++;
      } else {
        expect(attempt).toThrow(PeerCheatedError);
      }
    }
    expect(passed).toBe(1);
  });

  it('refuses a batch repeated, skipped, reordered or of another count', () => {
    const first = start();
    const { message: second } = first.receiver.extend(COUNT);
    expect(() => start().sender.extend(COUNT, second)).toThrow(PeerCheatedError);
    first.kernel.free(first.sender.extend(COUNT, first.message));
    expect(() => first.sender.extend(COUNT, first.message)).toThrow(PeerCheatedError);
    const other = start();
    expect(() => other.sender.extend(COUNT + 1, other.message)).toThrow(PeerCheatedError);
  });

  it('refuses a batch made for another session, direction or setup', () => {
    const one = start(1);
    expect(() => start(2).sender.extend(COUNT, one.message)).toThrow(PeerCheatedError);
  });

  it('refuses a setup changed in any field', () => {
    for (const field of ['sums', 'proof', 'digest'] as const) {
      let refused = 0;
      for (let at = 0; at < 32; at++) {
        const { receiver, sender } = dealtPair();
        const setup = { ...receiver.setup, [field]: receiver.setup[field].slice() };
        setup[field][at]! ^= 1;
        try {
          sender.acceptSetup(setup);
          // a level sum that this Δ does not use: the batch's challenge is bound to the setup as received
          const { message } = receiver.extend(COUNT);
          expect(() => sender.extend(COUNT, message)).toThrow(PeerCheatedError);
        } catch (error) {
          expect(error).toBeInstanceOf(PeerCheatedError);
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(0);
    }
  });

  it('gives nothing after a failure', () => {
    const { sender, receiver, message } = start();
    message.macHash[0]! ^= 1;
    expect(() => sender.extend(COUNT, message)).toThrow(PeerCheatedError);
    expect(() => sender.extend(COUNT, receiver.extend(COUNT).message)).toThrow('not ready');
    const fresh = dealtPair();
    expect(() => fresh.sender.acceptSetup({ ...fresh.receiver.setup, digest: new Uint8Array(32) })).toThrow(
      PeerCheatedError,
    );
    expect(() => fresh.sender.acceptSetup(fresh.receiver.setup)).toThrow('once');
  });

  it('wants its setup once and first', () => {
    const { sender, receiver } = dealtPair();
    expect(() => sender.extend(COUNT, receiver.extend(COUNT).message)).toThrow('not ready');
    sender.acceptSetup(receiver.setup);
    expect(() => sender.acceptSetup(receiver.setup)).toThrow('once');
  });
});
