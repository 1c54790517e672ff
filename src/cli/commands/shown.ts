import { explainTerms } from '../../../protocols/describe.ts';
import { listMembers, listTerms } from '../../../protocols/listing.ts';
import { checkDraft, withoutStandIns } from '../../desk/drafts.ts';
import { parseInvite } from '../../desk/invite.ts';
import { parsePublicJwk, thumbprint } from '../../documents/identity.ts';
import { decodeBase64url, parseJson } from '../../documents/json.ts';
import { MAX_JWS_LENGTH } from '../../documents/jws.ts';
import { type PublicJwk, parseDraft } from '../../documents/terms.ts';
import { formatEndpoint } from '../../link/endpoint.ts';
import { isProvedOutcome } from '../../verify/proved-form.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import type { Known } from './known.ts';
import { arbiterKey, dispute, provedOutcome } from './shown-arbiter.ts';
import { signedKindOf } from './signed-kinds.ts';
import { stillMissing } from './terms-check.ts';

/** A document as it is shown. */
export interface Shown {
  readonly kind: string;
  /** The document, without the private part of a key. */
  readonly document: unknown;
  /** The document in lines for people. */
  readonly lines: readonly string[];
  /** A warning for the person, if there is one. */
  readonly warning?: string;
}

type Members = Readonly<Record<string, unknown>>;
type Show = (document: Members, people: Known) => Shown | Promise<Shown>;

/** The kinds of JSON documents, each with a member that identifies it. The first kind that fits counts. */
const KINDS: readonly (readonly [member: string, show: Show])[] = [
  ['escrow', ({ card }) => arbiterKey(card)],
  ['ciphertext', lockedFile],
  ['sealKey', sealKey],
  ['d', identity],
  ['crv', publicKey],
  ['randomness', opening],
  ['rule', terms],
  ['abstain', mandate],
  ['reservation', mandate],
  ['reservations', mandate],
];

/** A file of JSON. Throws InputError `ERR_JSON`, `ERR_USAGE`, and the errors of a document of its kind, such as VerificationError. */
export async function shownJson(bytes: Uint8Array, path: string, people: Known): Promise<Shown> {
  const document = parseJson(bytes, `the file ${path}`, MAX_JWS_LENGTH);
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    if ('signatures' in document) return signedKindOf(bytes).show(bytes, people);
    if (Object.hasOwn(document, 'records')) return dispute(bytes);
    if (isProvedOutcome(bytes)) return provedOutcome(bytes, people);
    const kind = KINDS.find(([member]) => Object.hasOwn(document, member));
    if (kind !== undefined) return kind[1](document as Members, people);
  }
  throw usageError(
    `${path} is no document of Parley’s`,
    'show takes terms, agreements, proved outcomes, engagements, openings, mandates, invites, keys, disputes, and cards and answers of arbiters',
  );
}

/** A file with an invite in it; undefined if there is none. Its secret is not shown. */
export function shownInvite(bytes: Uint8Array): Shown | undefined {
  const text = new TextDecoder().decode(bytes.subarray(0, 20_000));
  if (/^\s*\{/.test(text) || !/(?<![\w-])parley\d{1,9}-/i.test(text)) return undefined;
  const { host, place, secret } = parseInvite(text);
  secret.fill(0);
  const at = place.kind === 'stdio' ? 'stdio' : formatEndpoint(place.endpoint);
  return {
    kind: 'invite',
    document: { host, place: place.kind === 'stdio' ? place : { kind: place.kind, endpoint: at } },
    lines: [
      `Host: key ${host}`,
      place.kind === 'stdio'
        ? 'Over a connection that something else makes'
        : `At ${place.kind === 'relay' ? 'the relay ' : ''}${at}`,
    ],
    warning: 'Whoever reads this file can take the guest’s place.',
  };
}

async function terms(document: Members, people: Known): Promise<Shown> {
  const draft = parseDraft(document);
  const checked = checkDraft(draft);
  const { parties, ...given } = withoutStandIns(checked);
  const all = { ...given, ...(parties !== undefined && { parties }) };
  return {
    kind: 'terms',
    document: draft,
    lines: [
      ...(await explainTerms(given)).split('\n'),
      '',
      ...listTerms(all, people.nameOf),
      '',
      ...stillMissing(checked),
    ],
  };
}

function opening({ party, agreement: digest, value, ...more }: Members): Shown {
  return {
    kind: 'opening',
    document: { party, agreement: digest, value, ...more },
    lines: [
      'What a party shows of its bid: the number that it sealed, and the agreement by its SHA-256',
      ...listMembers({ party, agreement: digest, value }),
      `Nothing here is checked: ${commandName()} verify AGREEMENT --opening FILE does that,`,
      'and says what the number stands for.',
    ],
  };
}

function mandate(document: Members): Shown {
  return {
    kind: 'mandate',
    document,
    lines: listMembers(document),
    warning: 'This is private: it says what its owner would settle for.',
  };
}

function publicKey(document: Members, people: Known): Shown {
  const key = parsePublicJwk(document);
  return { kind: 'public key', document: key, lines: keyLines(key, people) };
}

function identity({ d: _, ...document }: Members, people: Known): Shown {
  const key = parsePublicJwk(document);
  return {
    kind: 'identity',
    document: key,
    lines: [...keyLines(key, people), 'Its private key is in the file, and is not shown.'],
    warning: 'Whoever reads this file can sign for its owner.',
  };
}

function keyLines(key: PublicJwk, people: Known): string[] {
  const name = people.nameOf(key);
  return [
    ...(name === undefined ? [] : [`Name: ${name}`]),
    `Fingerprint: ${thumbprint(key)}`,
    `Key: ${key.crv}, ${key.x}`,
  ];
}

function sealKey({ sealKey: key }: Members): Shown {
  const modulus = decodeBase64url(typeof key === 'object' && key !== null && 'n' in key ? key.n : undefined);
  const bits = 8 * (modulus?.length ?? 0);
  return {
    kind: 'seal key',
    document: { bits },
    lines: [`A Paillier key of ${bits} bits. Its primes are in the file, and are not shown.`],
    warning: 'Whoever reads this file can open every seal that was made with it.',
  };
}

/** A file under a passphrase, by the kind of content in its header. */
function lockedFile({ protected: header }: Members): Shown {
  const read = parseJson(decodeBase64url(header) ?? '{}', 'the header of the file');
  const { cty } = (read ?? {}) as { cty?: unknown };
  const content =
    cty === 'jwk+json' ? 'an identity' : cty === 'parley-seal-key+json' ? 'a seal key' : 'something';
  return {
    kind: 'locked file',
    document: { content: cty ?? null },
    lines: [`It holds ${content} under a passphrase: nothing of it can be shown without that.`],
  };
}
