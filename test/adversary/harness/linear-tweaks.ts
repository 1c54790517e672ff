import { ChosenKeyHash, type RowTweaks } from '../../../src/garbling/chosen-hash.ts';
import { hook, type Inside } from './hooks.ts';

/** k = σ(x) ⊕ t of the hash with a linear tweak, π(k) ⊕ k, for blocks as four words each: in place, for rows of three blocks. */
export function linearInputs(words: Uint32Array, { first, domains }: RowTweaks): void {
  for (let at = 0; at < words.length; at += 4) {
    const [low0, low1] = [words[at]!, words[at + 1]!];
    words[at] = words[at + 2]! ^ (first + Math.floor(at / 12));
    words[at + 1] = words[at + 3]!;
    words[at + 2] = words[at + 2]! ^ low0 ^ domains[(at / 4) % 3]!;
    words[at + 3] = words[at + 3]! ^ low1;
  }
}

/** Until `undoHooks`, a build in which both parties hash the MACs of leaky ANDs as labels are hashed. */
export function linearTweaks(): void {
  for (const party of ['a', 'b'] as const) {
    hook(
      ChosenKeyHash,
      'hashRows',
      party,
      (self: Inside, _honestly, inner, outer, rows: number, tweaks: RowTweaks, epoch) => {
        const blocks = self.kernel.read(outer, 48 * rows) as Uint8Array;
        linearInputs(new Uint32Array(blocks.buffer, blocks.byteOffset, 12 * rows), tweaks);
        self.kernel.write(inner, blocks);
        self.permutation.permute(outer, inner, 3 * rows, epoch);
      },
    );
  }
}
