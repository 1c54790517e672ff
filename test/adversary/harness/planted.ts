import { packBits, unpackBits } from '../../../src/circuit/bits.ts';
import { AuthenticatedEngine } from '../../../src/engine/authenticated/engine.ts';
import { InputFingerprints } from '../../../src/garbling/authenticated/fingerprint.ts';
import { GateBatch } from '../../../src/garbling/authenticated/gates.ts';
import { TripleProtocol } from '../../../src/garbling/authenticated/triples.ts';
import { memoryOf } from '../../support/kernel-memory.ts';
import { type DuelOptions, duel } from './duel.ts';
import type { SeatedEvaluator, SeatedGarbler } from './engines.ts';
import { dropHooks, hook, type Inside } from './hooks.ts';
import { andsCircuit } from './programs.ts';
import { contains, reachableBytes } from './reachable.ts';

export const WIDTH = 128;
export const circuit = andsCircuit(WIDTH);

/** A reservation that is easy to find: both as one bit a byte and packed. */
export const reservation = Uint8Array.from({ length: WIDTH }, (_, i) => (0xb5_c9 >> ((i * 7) % 16)) & 1);
export const inputs = { a: reservation, b: reservation };

export type Seated = SeatedGarbler | SeatedEvaluator;

/** Secrets of one party, copied out of its memory while they were alive. */
export type Planted = Map<string, Uint8Array>;

/** Copies secrets of `party` as they come up. */
export function plant(party: 'a' | 'b'): Planted {
  const planted: Planted = new Map([
    ['reservation, bit by bit', reservation.slice()],
    ['reservation, packed', packBits(reservation)],
  ]);
  const copy = (name: string, kernel: Inside, pointer: number, length = 16) => {
    if (!planted.has(name)) planted.set(name, kernel.read(pointer, length).slice());
  };
  hook(AuthenticatedEngine, 'maskFingerprints', party, (_self, honestly, mask) => {
    planted.set('mask of the fingerprint, bit by bit', unpackBits(mask));
    planted.set('mask of the fingerprint', mask.slice());
    return honestly(mask);
  });
  hook(InputFingerprints, 'send', party, (self, honestly) => {
    planted.set('the fingerprint', self.own.value.slice());
    planted.set('its proof', self.own.proof.slice());
    return honestly();
  });
  hook(InputFingerprints, 'verify', party, (self, honestly, stated) => {
    planted.set('the sum of the other’s masked inputs', self.peer.value.slice());
    planted.set('the sum of the keys on them', self.peer.proof.slice());
    return honestly(stated);
  });
  hook(TripleProtocol, 'start', party, (self, honestly, bits) => {
    const { kernel } = self.context;
    copy('Δ', kernel, self.context.delta);
    copy('a key of a leaky AND', kernel, bits.keys + 48);
    copy('a MAC of a leaky AND', kernel, bits.macs + 48);
    return honestly(bits);
  });
  hook(TripleProtocol, 'sendBits', party, (self, honestly) => {
    copy('an S', self.context.kernel, self.shares + 32);
    return honestly();
  });
  hook(AuthenticatedEngine, 'maskOwnInputs', party, (self, honestly, batch) => {
    for (const { node } of batch.inputs) {
      copy('a MAC of an input', self.kernel, node.storage.macs + 16);
      copy('a key of an input', self.kernel, node.storage.keys + 16);
    }
    return honestly(batch);
  });
  hook(GateBatch, 'fit', party, (self, honestly, fits) => {
    copy('a key of x', self.context.kernel, self.x.keys + 16);
    copy('a MAC of z', self.context.kernel, self.sigma.macs + 16);
    honestly(fits);
    copy('a MAC of σ', self.context.kernel, self.sigma.macs + 32);
  });
  hook(GateBatch, 'spreadMasks', party, (self, honestly) => {
    honestly();
    copy('a MAC of α', self.context.kernel, self.alpha.macs + 16);
  });
  hook(GateBatch, party === 'a' ? 'receiveMaskedGates' : 'sendMaskedGates', party, (self, honestly) => {
    copy('a label of an AND', self.context.kernel, self.fresh + 16);
    return honestly();
  });
  return planted;
}

/** Which planted secrets are found in what a party still holds, or in the memory that its kernel had. */
export function leftIn(seated: Seated, planted: Planted, memory?: () => Uint8Array): string[] {
  const regions = reachableBytes([seated.engine, seated.correlated, seated.kernel]);
  if (memory !== undefined) regions.push(memory());
  return [...planted]
    .filter(([, secret]) => regions.some((bytes) => contains(bytes, secret)))
    .map(([name]) => name);
}

interface PlantedOptions extends Pick<DuelOptions, 'program' | 'cheater' | 'rule' | 'timeout'> {
  readonly also?: (planted: Planted) => void;
}

/** Runs with the secrets of `party` planted, and what `also` plants, to the end or to the failure that `rule` causes. */
export async function runPlanted(party: 'a' | 'b', { also, ...options }: PlantedOptions) {
  const planted = plant(party);
  also?.(planted);
  let seated: Seated | undefined;
  let memory: (() => Uint8Array) | undefined;
  const run = await duel({
    seed: 5,
    inputs,
    ...options,
    seated: (found) => {
      if (found.engine.party !== party) return;
      seated = found;
      memory = memoryOf(found.kernel);
    },
  });
  dropHooks(); // a run that fails does not come to all of them
  return { run, planted, seated: seated!, left: () => leftIn(seated!, planted, memory!) };
}

/** What a session does once it is over. */
export function endSession({ engine, correlated, kernel }: Seated): void {
  engine.close();
  correlated.close();
  kernel.destroy();
}
