import { toHex } from '../../crypto/encoding.ts';
import { decodeBase64url } from '../../documents/json.ts';
import { readStatement } from '../../documents/obligations/statements.ts';
import { quoted } from '../../documents/text.ts';
import { commandName } from '../terminal/command-name.ts';
import { timeText } from './obligation-words.ts';
import type { Shown } from './shown.ts';

/** A claim, verdict or objection. Its signature cannot be checked without its agreement. Throws VerificationError. */
export function shownStatement(bytes: Uint8Array): Shown {
  const { kind, payload } = readStatement(bytes);
  const { agreement, obligation, verdict, judge, made, evidence } = payload;
  const by = judge === undefined ? '' : ', by the side to which it is owed';
  return {
    kind,
    document: payload,
    lines: [
      `Obligation: ${obligation}`,
      ...(verdict === undefined ? [] : [`Verdict: ${verdict}${by}`]),
      `Agreement: outcome digest ${hexOf(agreement)}`,
      `Made: ${timeText(made)}, as its signer says`,
      ...evidence.map(({ sha256, note }) => `Evidence: ${quoted(note)}, SHA-256 ${hexOf(sha256)}`),
      `Nothing here is checked: ${commandName()} obligations AGREEMENT FILE does that.`,
    ],
  };
}

function hexOf(bytes: string): string {
  return toHex(decodeBase64url(bytes)!);
}
