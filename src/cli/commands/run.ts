import { ruleOf } from '../../../protocols/registry.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import { checkMandate } from '../../desk/drafts.ts';
import { generateIdentity } from '../../documents/identity.ts';
import { type Security, supportedSecurities, type TermsDraft } from '../../documents/terms.ts';
import { readDraft, readJson } from '../../node/home/files.ts';
import { completePair, negotiateAsPair, type PairStats } from '../players/pair.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { usageError } from '../terminal/failure.ts';
import { parseDuration } from '../terminal/flags.ts';
import { openLog } from '../terminal/log.ts';
import { UNDER_WAY } from '../terminal/phases.ts';
import { Progress, printJson, say, style } from '../terminal/terminal.ts';

export interface RunFlags {
  readonly terms: string;
  readonly mandateA: string;
  readonly mandateB: string;
  readonly security?: string;
  readonly timeout: string;
  readonly log?: string;
  readonly json?: boolean;
}

/** `parley run --terms T --mandate-a A --mandate-b B [--security S] [--json]` */
export async function run(flags: RunFlags, signal: AbortSignal): Promise<void> {
  const timeout = parseDuration(flags.timeout, '--timeout');
  const file = await readDraft(flags.terms);
  const draft = withoutParties(file);
  const security = chooseSecurity(flags.security, draft.security);
  const rule = ruleOf(draft);
  const mandates = [
    (await readJson(flags.mandateA, 'the mandate')) as Mandate,
    (await readJson(flags.mandateB, 'the mandate')) as Mandate,
  ] as const;
  const { security: _, ...open } = draft;
  const pair = { draft: open, rule, security };
  const trial = completePair(pair, [generateIdentity().publicKey, generateIdentity().publicKey]);
  checkMandate(rule, trial, 'a', mandates[0]);
  checkMandate(rule, trial, 'b', mandates[1]);
  const log = await openLog(flags.log);
  const progress = new Progress();
  try {
    const { terms, outcome, agreement, stats } = await negotiateAsPair({
      ...pair,
      mandates,
      timeout,
      signal,
      onProgress: (_role, phase) => progress.update(UNDER_WAY[phase]),
      ...(log !== undefined && { onLog: (side, line) => log.write({ side, ...line }) }),
    });
    progress.stop();
    if (flags.json === true) printJson({ outcome, agreement, stats });
    say(style('bold', outcomeText(outcome, terms)));
    for (const line of statistics(stats)) say(line);
  } finally {
    progress.stop();
    await log?.settle();
  }
}

/** The kind of security that `run` and `demo` use: the one asked for, or the best one. If it is not malicious, the person is told. */
export function chooseSecurity(flag: string | undefined, inTerms: Security | undefined): Security {
  if (flag !== undefined && flag !== 'malicious' && flag !== 'semi-honest') {
    throw usageError(`--security ${flag} is unknown`, 'write malicious or semi-honest');
  }
  const chosen = flag ?? inTerms;
  if (chosen !== undefined) return chosen;
  const best = supportedSecurities[0]!;
  if (best === 'semi-honest') {
    say('security: semi-honest (it assumes that both sides run the program unchanged)');
  }
  return best;
}

/** Statistics as lines for people. */
export function statistics({ ands, bytes, flights, ms, maxRssMiB }: PairStats): string[] {
  return [
    `  ${ands.toLocaleString('en')} AND gates in ${ms.total} ms (${ms.setup} ms of it setup), ${flights} flights`,
    `  ${bytes.aToB.toLocaleString('en')} bytes from a to b, ${bytes.bToA.toLocaleString('en')} back`,
    `  memory at most ${maxRssMiB.a} and ${maxRssMiB.b} MiB`,
  ];
}

/** Both keys are made here, so keys that the terms name cannot take part. */
function withoutParties(draft: TermsDraft): TermsDraft {
  if (draft.parties === undefined) return draft;
  say('the terms name parties; run makes keys of its own in their place');
  const { parties: _, ...rest } = draft;
  return rest;
}
