import { expect, test } from 'vitest';
import { clearEngines } from '../../src/engine/clear.ts';
import type { Bits, Release } from '../../src/engine/engine.ts';
import type { EnteredValues } from '../../src/seals/index.ts';
import { type LinkedSeal, SealedNumberEngine } from '../../src/session/sealed-engine.ts';

const nothing: Release = { send: async () => undefined, receive: async () => undefined };

test('a sealed number is forgotten when a reveal fails before anything is proved', async () => {
  const { a } = clearEngines();
  a.reveal = async () => Promise.reject(new Error('stopped'));
  const bits = Uint8Array.of(1, 0, 1, 1);
  let own: Bits | undefined;
  const link = {
    around: (_seal: unknown, values: EnteredValues<unknown>) => {
      ({ own } = values);
      expect(own).toEqual(bits);
      return { fixing: nothing, release: nothing };
    },
  };
  const engine = new SealedNumberEngine(a, { link } as unknown as LinkedSeal, 4);
  const wires = engine.input('a', 4, bits);
  engine.input('b', 4);
  await expect(engine.reveal(wires, 'both', nothing)).rejects.toThrow('stopped');
  expect(own).toEqual(new Uint8Array(4));
});
