import { type MenuEntry, toEntry } from '../../protocols/menu/entry.ts';
import { optionBits } from '../../protocols/menu/option-bits.ts';
import { split } from '../../protocols/split/index.ts';
import { bigintToBits } from '../../src/circuit/bits.ts';
import { bytesToInteger } from '../../src/crypto/integers.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import type { Subject } from './measure.ts';

const OPTIONS = 512;

/** How mandates become inputs of a computation: a price's limit, and a menu's utilities. */
export function mandates(): Subject[] {
  return [...prices(), ...menus()];
}

/** The limit 1 compared with random ones of 64 bits. */
function prices(): Subject[] {
  const bound = split.under({
    rule: { name: 'split' },
    range: { min: '0', max: String(2n ** 64n - 1n) },
  });
  const input = new Uint8Array(8);
  const { width } = bound.seal!;
  let limit = '';
  let entry = bound.enter('a', { abstain: true }, systemRandom);
  const read = () => bound.enter('a', { reservation: limit }, systemRandom);
  const subject = (id: string, run: () => void): Subject => ({
    id: `mandate.price.${id}`,
    samples: 20_000,
    input,
    fixed: Uint8Array.of(...new Uint8Array(7), 1),
    load() {
      limit = bytesToInteger(input).toString();
      entry = read();
    },
    run,
  });
  return [subject('entry', read), subject('bits', () => bigintToBits(entry.value, width))];
}

/** Utilities of which none reaches the reservation, compared with random ones. */
function menus(): Subject[] {
  const reservation = 1 << 15;
  const utilities = new Uint16Array(OPTIONS);
  const input = new Uint8Array(utilities.buffer);
  const entry: MenuEntry = { utilities, reservation };
  const subject = (id: string, run: () => void): Subject => ({
    id: `mandate.menu.${id}`,
    samples: 10_000,
    input,
    fixed: new Uint8Array(input.length),
    run,
  });
  return [
    subject('bits.egalitarian', () => optionBits('egalitarian', entry, 0, OPTIONS)),
    subject('bits.nash', () => optionBits('nash', entry, 0, OPTIONS)),
    subject('rest', () => toEntry(entry)),
  ];
}
