import { Kernel, type Pointer } from '../../src/crypto/kernel.ts';
import { platform } from '../../src/crypto/platform/node.ts';
import type { Keystream } from '../../src/crypto/platform/platform.ts';
import type { CorrelatedBits, Role, Shares } from '../../src/garbling/authenticated/correlated-bits.ts';
import type { LabelReceiver, LabelSender } from '../../src/garbling/half-gates/inputs.ts';
import type { AnyMessageType, Intercept } from '../../src/link/memory-link.ts';
import { hex, seeded } from './shape.ts';

/** One message as vector files write it: its type, and its fields in order. */
export interface RecordedMessage {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A message with its fields in the order in which they are written. */
export function recordedMessage(type: AnyMessageType, shape: unknown, fields: Record<string, Uint8Array>) {
  const names = Object.keys(type.lengths(shape));
  const entries = names.map((name) => [name, hex(fields[name]!)] as const);
  return { type: `0x${type.id.toString(16).padStart(2, '0')}`, fields: Object.fromEntries(entries) };
}

/** What both ends of a memory link send, in order each. */
export function recordedLink(): {
  readonly sent: Record<'a' | 'b', RecordedMessage[]>;
  readonly intercept: Intercept;
} {
  const sent: Record<'a' | 'b', RecordedMessage[]> = { a: [], b: [] };
  return {
    sent,
    intercept: (side, type, fields) => {
      const entries = Object.entries(fields).map(([name, bytes]) => [name, hex(bytes)] as const);
      const id = `0x${type.id.toString(16).padStart(2, '0')}`;
      sent[side].push({ type: id, fields: Object.fromEntries(entries) });
      return fields;
    },
  };
}

const other = { garbler: 'evaluator', evaluator: 'garbler' } as const;
const rolesInOrder = ['garbler', 'evaluator'] as const;

/** Seeds of the authenticated bits that a dealer gives both parties: of the keys on a party's bits, and of these bits. */
export interface DealtSeeds {
  readonly keys: Uint8Array;
  readonly bits: Uint8Array;
}

/** Δ of each party and the dealer's seeds for each party's bits, from a number. */
export function dealtSecrets(seed: number) {
  const random = seeded(seed);
  const delta = (role: Role) => {
    const block = random(16).slice();
    block[0] = (block[0]! & 0xfc) | (role === 'garbler' ? 3 : 1);
    return block;
  };
  const seeds = () => ({ keys: random(16).slice(), bits: random(16).slice() });
  const deltas = { garbler: delta('garbler'), evaluator: delta('evaluator') };
  return { deltas, seeds: { garbler: seeds(), evaluator: seeds() } };
}

export type DealtSecrets = ReturnType<typeof dealtSecrets>;

/** The same as vector files write it. */
export function dealtMembers({ deltas, seeds }: DealtSecrets) {
  return Object.fromEntries(
    rolesInOrder.map((role) => [
      role,
      { delta: hex(deltas[role]), keys: hex(seeds[role].keys), bits: hex(seeds[role].bits) },
    ]),
  );
}

/** One party's end of dealt bits: nothing is sent for them. */
export class DealtBits implements CorrelatedBits {
  readonly kernel = new Kernel();
  readonly role: Role;
  readonly delta: Pointer;
  private readonly deltas: DealtSecrets['deltas'];
  private readonly streams: Record<Role, { readonly keys: Keystream; readonly bits: Keystream }>;
  private pending: Shares | undefined;

  constructor(role: Role, { deltas, seeds }: DealtSecrets) {
    this.role = role;
    this.deltas = deltas;
    this.delta = this.place(deltas[role]);
    const streams = (of: Role) => ({
      keys: platform.keystream(seeds[of].keys),
      bits: platform.keystream(seeds[of].bits),
    });
    this.streams = { garbler: streams('garbler'), evaluator: streams('evaluator') };
  }

  async offer(_link: unknown, count: number): Promise<Pointer> {
    this.pending = this.next(count);
    return this.pending.macs;
  }

  async accept(): Promise<Pointer> {
    return this.pending!.keys;
  }

  async exchange(_link: unknown, count: number, verified: () => Promise<void>): Promise<Shares> {
    const shares = this.next(count);
    await verified();
    return shares;
  }

  private next(count: number): Shares {
    const { role } = this;
    return {
      keys: this.place(this.blocks(other[role], count).keys),
      macs: this.place(this.blocks(role, count).macs),
    };
  }

  /** Keys and MACs of the next bits of a party. */
  private blocks(of: Role, count: number): { readonly keys: Uint8Array; readonly macs: Uint8Array } {
    const keys = this.streams[of].keys.next(16 * count).slice();
    const bits = this.streams[of].bits.next(Math.ceil(count / 8));
    const delta = this.deltas[other[of]];
    for (let i = 0; i < count; i++) keys[16 * i]! &= 0xfe;
    const macs = keys.map((byte, j) => byte ^ (-((bits[j >> 7]! >> ((j >> 4) & 7)) & 1) & delta[j & 15]!));
    return { keys, macs };
  }

  private place(bytes: Uint8Array): Pointer {
    const pointer = this.kernel.allocate(bytes.length);
    this.kernel.write(pointer, bytes);
    return pointer;
  }
}

/** Dealt labels of the semi-honest engine: labels of zero are the stream of a seed. */
export function dealtLabels(kernels: Record<Role, Kernel>, delta: Uint8Array, seed: Uint8Array) {
  const place = (kernel: Kernel, bytes: Uint8Array) => {
    const pointer = kernel.allocate(bytes.length);
    kernel.write(pointer, bytes);
    return pointer;
  };
  const zeros = { garbler: platform.keystream(seed), evaluator: platform.keystream(seed) };
  const sender: LabelSender = {
    delta: place(kernels.garbler, delta),
    zeroLabels: async (_link, count) => place(kernels.garbler, zeros.garbler.next(16 * count)),
  };
  const receiver: LabelReceiver = {
    activeLabels: async (_link, choices, count) => {
      const labels = zeros.evaluator
        .next(16 * count)
        .map((byte, j) => byte ^ (-((choices[j >> 7]! >> ((j >> 4) & 7)) & 1) & delta[j & 15]!));
      return place(kernels.evaluator, labels);
    },
  };
  return { sender, receiver };
}

/** Remembers what has been drawn, in order. */
export function recordingRandom(seed: number) {
  const random = seeded(seed);
  const drawn: Uint8Array[] = [];
  return {
    drawn,
    random: (length: number) => {
      const bytes = random(length);
      drawn.push(bytes.slice());
      return bytes;
    },
  };
}

/** Labels of zero as they are used: with bit 0 cleared in what was drawn. */
export function labelsOfZero(drawn: Uint8Array): Uint8Array {
  return drawn.map((byte, i) => (i % 16 === 0 ? byte & 0xfe : byte));
}
