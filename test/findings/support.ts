import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { completeTerms } from '../../src/documents/terms.ts';
import {
  type Agreement,
  type Identity,
  type MandateSource,
  type NegotiateOptions,
  type OutcomeJson,
  rules,
  type Terms,
} from '../../src/index.ts';
import type { PrivateKey } from '../../src/paillier/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { program } from '../support/program.ts';
import { buyer, openPair, type SessionPair, seller } from '../support/sessions.ts';

/** Completed terms under any of the rules. */
export function termsOf(changes: Partial<Terms> = {}): Terms {
  const { rule = { name: 'split' }, ...rest } = changes;
  const menu = rest.menu !== undefined;
  const [first, second] = menu ? ['a', 'b'] : ['seller', 'buyer'];
  const draft = {
    parley: 1 as const,
    subject: 'used car',
    rule,
    ...(!menu && { range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 } }),
    parties: { [first!]: seller.publicKey, [second!]: buyer.publicKey },
    security: 'semi-honest' as const,
    seals: 'none' as const,
    expires: '2999-01-01T00:00:00Z',
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    ...rest,
  };
  return completeTerms(draft, {}, rules.find(({ name }) => name === rule.name)!);
}

/** One side's way into a negotiation. */
export type Side = Omit<NegotiateOptions, 'terms' | 'mandate'> & { readonly mandate: MandateSource };

/** What came of a negotiation on a session of its own: each side's error code or `ok`, the outcome, and each side's result. */
export interface Came {
  readonly ended: readonly string[];
  readonly outcome: OutcomeJson | undefined;
  readonly entered: readonly unknown[];
  readonly agreement: Agreement | undefined;
}

/** Has the seller and the buyer negotiate; if one of them fails, its session ends. */
export async function negotiateOn(
  terms: Terms,
  left: Side,
  right: Side,
  pair: SessionPair = {},
): Promise<Came> {
  const sessions = await openPair(pair);
  const both = await Promise.allSettled(
    [left, right].map((side, i) => {
      const session = sessions[i]!;
      return session
        .negotiate({ terms, ...side })
        .finally(() => session.close().catch(() => session.destroy()));
    }),
  );
  const results = both.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
  return {
    ended: both.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason?.code ?? String(one.reason)))),
    outcome: (results[1] ?? results[0])?.outcome,
    agreement: results[0]?.agreement,
    entered: results.map((one) => Reflect.get(one ?? {}, 'entered')),
  };
}

/** What the file beside an identity holds that has a seal key, so that no command has to make one. */
export function sealKeyFile(key: PrivateKey, identity: Identity): object {
  const { proof } = proveSealKey(key, rawPublicKey(identity.publicKey));
  return { parley: 1, sealKey: key.exportJson(), proof: encodeBase64url(proof) };
}

/** `parley …` with text on its standard input. */
export async function piped(input: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...program('src/cli/main.ts'), ...args], {
    env: { ...process.env, ...env },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, stdout, stderr };
}
