import type { DocumentKind, GivenArgument, ReadDocument } from './define.ts';
import type { Identity } from './identity.ts';
import { decodeBase64url } from './json.ts';
import type { GeneralJws } from './jws.ts';
import { asMembers, inMembersOrder, type Principal } from './principal.ts';

/**
 * A principal's document with one member's signature more. Throws InputError `ERR_USAGE` for a key that is none of the members', or has signed already; VerificationError with a code of the kind's if a
 * signature that it has does not hold.
 */
export async function cosign<Payload, Given>(
  kind: DocumentKind<Payload, Given>,
  read: ReadDocument<Payload>,
  principal: Principal,
  identity: Identity,
  ...given: GivenArgument<Given>
): Promise<GeneralJws> {
  const { payload, jws } = read;
  const signed = kind
    .signedBy(read, ...given)
    .map((key, i) => ({ key, signature: decodeBase64url(jws.signatures[i]!.signature)! }));
  const own = await kind.sign(payload, identity);
  return kind.assemble(payload, ...inMembersOrder(asMembers(principal), [...signed, own]));
}
