import type { Bits, Engine, Fixing, Party, Release, Wires } from '../engine/engine.ts';

/** An engine around another, for a rule that reveals its outcome and nothing else. It passes everything on but that reveal. */
export abstract class WrappedEngine<Inner extends Engine = Engine> implements Engine {
  protected readonly engine: Inner;

  constructor(engine: Inner) {
    this.engine = engine;
  }

  get party(): Party {
    return this.engine.party;
  }

  prepare(...call: Parameters<Engine['prepare']>): Promise<void> {
    return this.engine.prepare(...call);
  }

  input(owner: Party, width: number, bits?: Bits): Wires {
    return this.engine.input(owner, width, bits);
  }

  apply(...call: Parameters<Engine['apply']>): Wires {
    return this.engine.apply(...call);
  }

  slice(wires: Wires, start: number, end?: number): Wires {
    return this.engine.slice(wires, start, end);
  }

  concat(...wires: readonly Wires[]): Wires {
    return this.engine.concat(...wires);
  }

  release(...wires: readonly Wires[]): void {
    this.engine.release(...wires);
  }

  async reveal(
    wires: Wires,
    to: Party | 'both',
    release?: Release,
    fixing?: Fixing,
  ): Promise<Bits | undefined> {
    if (release === undefined || fixing !== undefined) {
      throw new Error('a rule under seals or an arbiter reveals its outcome only');
    }
    return this.revealOutcome(wires, to, release);
  }

  close(): void {
    this.engine.close();
  }

  protected abstract revealOutcome(
    wires: Wires,
    to: Party | 'both',
    release: Release,
  ): Promise<Bits | undefined>;
}
