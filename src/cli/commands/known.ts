import type { KnownPeer } from '../../desk/home.ts';
import { isPeerName } from '../../desk/peers.ts';
import { sameKey, thumbprint } from '../../documents/identity.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { isMissing, readKey } from '../../node/home/files.ts';
import { fileHome } from '../../node/home/home.ts';
import { usageError } from '../terminal/failure.ts';

/** The peers that the person of this home knows. */
export interface Known {
  /** The person's name for the holder of a key or of the key with a thumbprint: the name they gave to a peer, or “you”. */
  nameOf(key: PublicJwk | string): string | undefined;
  /**
   * A key as the person names it: the name that they gave to a peer, a file, the JWK itself, or a thumbprint. Throws InputError `ERR_USAGE` if the text is
   * two of these, and what `readKey` throws.
   */
  key(text: string): Promise<PublicJwk | string>;
}

/** The peers that the person knows, by the files of their home. Damaged files give no names. */
export async function known(): Promise<Known> {
  const home = fileHome();
  const peers = await home.peers.all().catch(orNone<KnownPeer[]>([]));
  const own = await home.identity().catch(orNone(undefined));
  const names = new Map(peers.map(({ name, key }) => [thumbprint(key), name]));
  if (own !== undefined && 'publicKey' in own) names.set(thumbprint(own.publicKey), 'you');
  return {
    nameOf: (key) => names.get(typeof key === 'string' ? key : thumbprint(key)),
    async key(text) {
      const peer = isPeerName(text) ? await home.peers.find(text) : undefined;
      if (peer === undefined) return readKey(text);
      if (!(await isMissing(text))) {
        const file = await readKey(text);
        if (typeof file === 'string' || !sameKey(file, peer.key)) {
          throw usageError(
            `${text} is a peer of yours, and a file with another key`,
            `write ./${text} for the file`,
          );
        }
      }
      return peer.key;
    },
  };
}

function orNone<Value>(none: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof InputError) return none;
    throw error;
  };
}
