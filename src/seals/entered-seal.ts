import type { Link } from '../link/link.ts';
import { Ciphertext } from '../paillier/ciphertext.ts';
import type { PublicKey } from '../paillier/public-key.ts';
import { decodePeer } from './decode.ts';
import type { KeyExchange } from './exchange.ts';
import { sealCommitment, sealedValue, sealMask } from './messages.ts';
import { Seal, type SealedValue } from './seal.ts';

/** Step 4 at one party: the seal of its value, and the peer's seal. */
export class EnteredSeal {
  readonly keys: KeyExchange;
  readonly sealed: SealedValue;
  private readonly admit: ((peer: Seal) => void) | undefined;
  private receiving: Promise<Seal> | undefined;
  private over = false;

  /** What `admit` throws ends the session: it is called before this side shows what depends on its value, but for what hides it. */
  constructor(keys: KeyExchange, sealed: SealedValue, admit?: (peer: Seal) => void) {
    this.keys = keys;
    this.sealed = sealed;
    this.admit = admit;
  }

  /** Whether the peer's seal has arrived and been admitted. */
  get done(): boolean {
    return this.over;
  }

  /** Sends this party's seal, after the keys. */
  async send(): Promise<void> {
    const { keys, sealed } = this;
    await keys.exchanged();
    const { ciphertext, commitment, key } = sealed.seal;
    await Promise.all([
      keys.link.send(sealedValue, key.bits, { seal: ciphertext.toBytes() }),
      ...(commitment === undefined ? [] : [keys.link.send(sealCommitment, undefined, { commitment })]),
    ]);
  }

  /** The peer's seal, admitted. It is received when it is first asked for. */
  peer(): Promise<Seal> {
    this.receiving ??= this.receive();
    return this.receiving;
  }

  private async receive(): Promise<Seal> {
    const { link, options } = this.keys;
    const { key } = await this.keys.exchanged();
    const { seal } = await link.receive(sealedValue, key.bits);
    const ciphertext = decodePeer('seal value', () => Ciphertext.fromBytes(key, seal));
    const { width, committed } = options.form;
    const rest = committed ? (await link.receive(sealCommitment, undefined)).commitment.slice() : undefined;
    const peer = new Seal(ciphertext, width, rest);
    this.admit?.(peer);
    this.over = true;
    return peer;
  }
}

/** C_m of the peer. */
export async function receiveMask(link: Link, key: PublicKey): Promise<Ciphertext> {
  const { mask } = await link.receive(sealMask, key.bits);
  return decodePeer('seal mask', () => Ciphertext.fromBytes(key, mask));
}
