import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/crypto/random.ts';
import { PeerCheatedError } from '../../src/errors.ts';
import { Forest, type SetupFields } from '../../src/ot/extension/trees.ts';
import { dealtBaseOts } from '../../src/ot/index.ts';
import { bitAt } from '../../src/ot/seeds.ts';

const sid = new Uint8Array(32).fill(1);

function grown(depth: 1 | 2 | 4 | 8, seed = 1) {
  const random = seededRandom(new Uint8Array(16).fill(seed));
  const delta = random(16);
  const { pairs, chosen } = dealtBaseOts(random, delta);
  const { leaves, setup } = new Forest(sid, 'ab', depth).grow(pairs);
  return { delta, chosen, leaves, setup };
}

function copied(setup: SetupFields) {
  return { sums: setup.sums.slice(), proof: setup.proof.slice(), digest: setup.digest.slice() };
}

describe('punctured trees', () => {
  it.each([1, 2, 4, 8] as const)('give every leaf but leaf Δ at depth %i', (depth) => {
    const { delta, chosen, leaves, setup } = grown(depth);
    const regrown = new Forest(sid, 'ab', depth).regrow(chosen, delta, setup);
    for (let tree = 0; tree < 128 / depth; tree++) {
      let punctured = 0;
      for (let bit = 0; bit < depth; bit++) punctured |= bitAt(delta, tree * depth + bit) << bit;
      for (let leaf = 0; leaf < 1 << depth; leaf++) {
        const at = ((tree << depth) + leaf) * 16;
        const same = Buffer.from(leaves.subarray(at, at + 16)).equals(regrown.subarray(at, at + 16));
        expect(same).toBe(leaf !== punctured);
      }
    }
  });

  it('differ by session and direction', () => {
    const { delta, chosen, setup } = grown(4);
    expect(() => new Forest(Uint8Array.of(2), 'ab', 4).regrow(chosen, delta, setup)).toThrow(
      PeerCheatedError,
    );
    expect(() => new Forest(sid, 'ba', 4).regrow(chosen, delta, setup)).toThrow(PeerCheatedError);
  });

  it.each([2, 4, 8] as const)('refuse a change to the proof or the digest anywhere, depth %i', (depth) => {
    const { delta, chosen, setup } = grown(depth);
    for (const field of ['proof', 'digest'] as const) {
      for (let at = 0; at < setup[field].length; at += depth === 4 ? 7 : 97) {
        const changed = copied(setup);
        changed[field][at]! ^= 1 << (at & 7);
        expect(() => new Forest(sid, 'ab', depth).regrow(chosen, delta, changed)).toThrow(PeerCheatedError);
      }
    }
  });

  it('refuse every changed level sum that is used, and are blind to those that are not', () => {
    const { delta, chosen, leaves, setup } = grown(4);
    for (let tree = 0; tree < 32; tree++) {
      for (let level = 1; level < 4; level++) {
        for (const side of [0, 1]) {
          const changed = copied(setup);
          changed.sums[((tree * 3 + level - 1) * 2 + side) * 16 + 5]! ^= 4;
          const used = side !== bitAt(delta, tree * 4 + 3 - level);
          if (used) {
            expect(() => new Forest(sid, 'ab', 4).regrow(chosen, delta, changed)).toThrow(PeerCheatedError);
          } else {
            const regrown = new Forest(sid, 'ab', 4).regrow(chosen, delta, changed);
            expect(regrown.filter((byte, at) => byte !== leaves[at]).length).toBeLessThanOrEqual(32 * 16);
          }
        }
      }
    }
  });

  it('refuse other lengths', () => {
    const { delta, chosen, setup } = grown(4);
    for (const field of ['sums', 'proof', 'digest'] as const) {
      const changed = { ...setup, [field]: setup[field].subarray(1) };
      expect(() => new Forest(sid, 'ab', 4).regrow(chosen, delta, changed)).toThrow(PeerCheatedError);
    }
  });

  it('need no message at depth 1', () => {
    const { setup } = grown(1);
    expect(setup.sums.length + setup.proof.length + setup.digest.length).toBe(0);
  });
});
