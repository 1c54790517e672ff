import { equalBytes } from '../../crypto/bytes.ts';
import { systemRandom } from '../../crypto/random.ts';
import { readArbiterCard, signArbiterCard } from '../../documents/arbiter-card.ts';
import {
  generateIdentity,
  importIdentity,
  type LocalIdentity,
  rawPublicKey,
  sameKey,
} from '../../documents/identity.ts';
import { decodeBase64url, encodeBase64url } from '../../documents/json.ts';
import { type GeneralJws, jwsSchema } from '../../documents/jws.ts';
import { InputError } from '../../errors.ts';
import { EscrowKey } from '../../escrow/index.ts';
import { exactMembers } from '../../paillier/json.ts';
import { readJson, writeNew } from '../home/files.ts';

/** The windows that an arbiter made by this version serves, in seconds. */
const WINDOWS = { min: 300, max: 3_600 } as const;

/** All that an arbiter has to keep to itself, and its card. */
export interface ArbiterKey {
  readonly identity: LocalIdentity;
  readonly escrowKey: EscrowKey;
  readonly card: GeneralJws;
}

/** A new arbiter's keys and card. `at` is where it will take complaints. */
export async function makeArbiterKey(at: string | undefined): Promise<ArbiterKey> {
  const identity = generateIdentity();
  const escrowKey = EscrowKey.generate(systemRandom);
  const pop = escrowKey.provePossession(rawPublicKey(identity.publicKey), systemRandom);
  const card = await signArbiterCard({ escrow: escrowKey.publicKey, pop, at, windows: WINDOWS }, identity);
  return { identity, escrowKey, card };
}

/** Writes an arbiter's keys to a new file of mode 0600. Throws InputError `ERR_FILE`. */
export async function writeArbiterKey(
  path: string,
  { identity, escrowKey, card }: ArbiterKey,
): Promise<void> {
  const secret = escrowKey.exportSecret();
  const file = { parley: 1, identity: identity.exportPrivate(), escrow: encodeBase64url(secret), card };
  secret.fill(0);
  await writeNew(path, `${JSON.stringify(file)}\n`, 0o600);
}

/** Reads an arbiter's key file. Throws InputError `ERR_FILE` or `ERR_KEY_INVALID`, which never quotes a key. */
export async function readArbiterKey(path: string): Promise<ArbiterKey> {
  const file = exactMembers(
    await readJson(path, "the arbiter's key file"),
    'parley',
    'identity',
    'escrow',
    'card',
  );
  const secret = decodeBase64url(file?.escrow);
  const card = jwsSchema.safeParse(file?.card);
  if (file?.parley !== 1 || secret === undefined || !card.success) throw invalid(path);
  const identity = importIdentity(file.identity);
  const escrowKey = EscrowKey.fromBytes(secret);
  secret.fill(0);
  const { key, escrow } = readArbiterCard(card.data);
  if (!sameKey(key, identity.publicKey) || !equalBytes(escrow, escrowKey.publicKey)) throw invalid(path);
  return { identity, escrowKey, card: card.data };
}

function invalid(path: string): InputError {
  return new InputError('ERR_KEY_INVALID', `${path} is not an arbiter's key file`, {
    hint: 'restore it from a copy; without it, no dispute under its card can be resolved',
  });
}
