import { equalBytes } from '../crypto/bytes.ts';
import { InputError, VerificationError } from '../errors.ts';
import { Randomness } from '../paillier/ciphertext.ts';
import { opens } from '../paillier/encryption.ts';
import { decodeBase64url, encodeBase64url, exactMembers } from '../paillier/json.ts';
import { verifyKeyProof } from '../paillier/key-proof/index.ts';
import { plaintext } from '../paillier/plaintext.ts';
import type { SealKey } from './keys.ts';
import { commitsTo, reopenSeal, Seal, type SealJson } from './seal.ts';

/** What a party gives to a third person to show which value it had sealed for an agreement. JSON. */
export interface SealOpening {
  readonly parley: 1;
  /** SHA-256 of the agreement's bytes, base64url. */
  readonly agreement: string;
  /** The role of the party whose seal it is. */
  readonly party: string;
  readonly seal: SealJson;
  /** The sealed value, a decimal integer. */
  readonly value: string;
  /** r_x, base64url. */
  readonly randomness: string;
  /** The rest of the entry, base64url, where the seal has a commitment to it. */
  readonly rest?: string;
  /** The key proof, base64url: without it, the key might open a seal to many values. */
  readonly proof: string;
}

/** What an opening shows. */
export interface OpenedSeal {
  readonly value: bigint;
  /** r_x. */
  readonly randomness: Randomness;
  /** What the seal commits to besides the value, if anything. */
  readonly rest: Uint8Array | undefined;
}

/** What the verifier of an opening takes from the agreement, not from the opening. */
export interface OpeningContext {
  /** SHA-256 of the agreement's bytes, 32 bytes. */
  readonly agreement: Uint8Array;
  readonly party: string;
  /** That party's Ed25519 public key, 32 bytes. */
  readonly identity: Uint8Array;
  readonly seal: Seal;
}

const DECIMAL = /^(0|[1-9][0-9]*)$/;

/**
 * The opening of one's own seal, from the key alone, and from the `rest` of the entry where the seal has a commitment to it. Throws InputError
 * `ERR_SEAL_KEY_INVALID` under another key, `ERR_MANDATE_INVALID` for another rest than the one committed to, and `ERR_PLAINTEXT_INVALID` for a seal
 * of a value out of range.
 */
export function openSeal(key: SealKey, context: OpeningContext, rest?: Uint8Array): SealOpening {
  const { seal } = context;
  const { value, randomness } = reopenSeal(key.key, seal);
  if (!opens(seal.ciphertext, value, randomness)) throw new Error('a seal was opened wrongly');
  const { commitment } = seal;
  if (commitment !== undefined && !(rest !== undefined && commitsTo(seal, randomness, rest))) {
    throw new InputError('ERR_MANDATE_INVALID', 'this is not the mandate that was entered', {
      hint: 'give the mandate as it was when the agreement was made',
    });
  }
  return {
    parley: 1,
    agreement: encodeBase64url(context.agreement),
    party: context.party,
    seal: context.seal.toJSON(),
    value: value.toString(),
    randomness: encodeBase64url(randomness.toBytes()),
    ...(commitment !== undefined && { rest: encodeBase64url(rest!) }),
    proof: encodeBase64url(key.proof),
  };
}

/**
 * What `opening` shows the context's seal to hold: exact form, the same agreement, party and seal, a valid key
 * proof of that party's identity, the value in range, C_x = Enc(x; r_x) computed anew, and so is the commitment. Throws VerificationError
 * `ERR_OPENING_INVALID`, or `ERR_OPENING_AGREEMENT` for an opening of another agreement, party or seal.
 */
export function verifyOpening(opening: unknown, context: OpeningContext): OpenedSeal {
  const committed = context.seal.commitment !== undefined;
  const fields = exactMembers(
    opening,
    'parley',
    'agreement',
    'party',
    'seal',
    'value',
    'randomness',
    ...(committed ? (['rest'] as const) : []),
    'proof',
  );
  if (fields === undefined || fields.parley !== 1)
    throw invalid('it has not exactly the members of an opening');
  const { seal } = context;
  const agreement = decodeBase64url(fields.agreement);
  if (agreement === undefined) throw invalid('a digest is not in canonical base64url');
  const form = { width: seal.width, committed };
  const given = decoded(() => Seal.fromJSON(fields.seal, form));
  if (!equalBytes(agreement, context.agreement) || fields.party !== context.party || !given.equals(seal)) {
    throw new VerificationError('ERR_OPENING_AGREEMENT', 'the opening belongs to another agreement', {
      hint: 'ask its owner to open this agreement',
    });
  }
  const proof = decodeBase64url(fields.proof);
  if (proof === undefined || !verifyKeyProof(seal.key, context.identity, proof)) {
    throw invalid('its key proof does not hold');
  }
  const randomness = decodeBase64url(fields.randomness);
  if (typeof fields.value !== 'string' || !DECIMAL.test(fields.value) || fields.value.length > MAX_DIGITS) {
    throw invalid('its value is no integer');
  }
  if (randomness === undefined) throw invalid('its randomness is not in canonical base64url');
  const value = decoded(() => plaintext(BigInt(fields.value as string), seal.width));
  const factor = decoded(() => Randomness.fromBytes(seal.key, randomness));
  if (!opens(seal.ciphertext, value, factor)) throw invalid('it does not open the seal');
  if (!committed) return { value, randomness: factor, rest: undefined };
  const rest = decodeBase64url(fields.rest);
  if (rest === undefined || !commitsTo(seal, factor, rest)) {
    throw invalid('it does not open the commitment beside the seal');
  }
  return { value, randomness: factor, rest };
}

/** Decimal digits of the largest value that can be sealed. */
const MAX_DIGITS = 309;

function decoded<Value>(decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (error instanceof InputError) throw invalid(error.message);
    throw error;
  }
}

function invalid(reason: string): VerificationError {
  return new VerificationError('ERR_OPENING_INVALID', `the opening is not valid: ${reason}`);
}
