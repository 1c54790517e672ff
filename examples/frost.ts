import { ed25519_FROST as frost } from '@noble/curves/ed25519.js';
import type { Identity } from 'parley-mpc';

/**
 * One Ed25519 key that no member has (FROST, RFC 9591): any `min` of the members sign together. Here all of them are in one process; elsewhere each round is a message
 * between their machines, and nobody's share leaves its own.
 */
export function sharedIdentity(min: number, names: readonly string[]): Identity {
  const signers = { min, max: names.length };
  const ids = names.map((name) => frost.Identifier.derive(name));
  const first = ids.map((id) => frost.DKG.round1(id, signers));
  const publicOf = (own: number) => first.flatMap((one, other) => (other === own ? [] : [one.public]));
  const second = first.map(({ secret }, own) => frost.DKG.round2(secret, publicOf(own)));
  const members = first.map(({ secret }, own) => {
    const received = second.flatMap((sent, other) => (other === own ? [] : [sent[ids[own]!]!]));
    return frost.DKG.round3(secret, publicOf(own), received);
  });
  const [{ public: group }] = members as [(typeof members)[number]];
  const x = Buffer.from(group.commitments[0]!).toString('base64url');
  return {
    publicKey: { kty: 'OKP', crv: 'Ed25519', x },
    sign(bytes) {
      const awake = members.slice(-min).map((member) => ({ ...member, ...frost.commit(member.secret) }));
      const commitments = awake.map((member) => member.commitments);
      const shares = awake.map(
        ({ secret, nonces }) =>
          [secret.identifier, frost.signShare(secret, group, nonces, commitments, bytes)] as const,
      );
      return frost.aggregate(group, commitments, bytes, Object.fromEntries(shares));
    },
  };
}
