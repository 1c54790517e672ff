import { openJws } from '../../documents/jws.ts';
import { readMandateCertificate } from '../../documents/mandate-certificate.ts';
import { openMandateRevocations } from '../../documents/mandate-revocations.ts';
import { commandName } from '../terminal/command-name.ts';
import { certificateLines, revocationLines } from '../terminal/delegation-lines.ts';
import type { Known } from './known.ts';
import type { Shown } from './shown.ts';

/** A mandate certificate, its signatures verified. Throws VerificationError. */
export function shownCertificate(bytes: Uint8Array, people: Known): Shown {
  const { certificate, digest } = readMandateCertificate(bytes);
  return {
    kind: 'mandate certificate',
    document: openJws(bytes).payload,
    lines: [
      ...certificateLines(certificate, digest, people.nameOf),
      'Signed by as many keys as its principal needs, and the signatures hold. Check whose keys they are.',
    ],
  };
}

/** A list of revocations. Whose signature counts depends on the certificate. */
export function shownRevocations(bytes: Uint8Array, people: Known): Shown {
  return {
    kind: 'list of revocations',
    document: openJws(bytes).payload,
    lines: [
      ...revocationLines(openMandateRevocations(bytes), people.nameOf),
      `Its signature is not checked here: ${commandName()} mandate verify CERTIFICATE --revocations FILE does that.`,
    ],
  };
}
