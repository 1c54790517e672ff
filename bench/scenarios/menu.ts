// A menu negotiated again and again between two processes, each time on a session of its own.
import { randomMandate } from '../../protocols/leakage/menu.ts';
import { uniformDoubles } from '../../protocols/leakage/sampled.ts';
import { menu as rule } from '../../protocols/menu/index.ts';
import { MENU_VERSION, type Solution } from '../../protocols/menu/options.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import {
  completeTerms,
  type Menu,
  type OutcomeJson,
  type Seals,
  type Security,
  type Terms,
} from '../../src/documents/terms.ts';
import { openSession } from '../../src/session/open.ts';
import { createSealKey } from '../../src/session/seal-key.ts';
import type { Peer } from '../peer.ts';
import { median } from '../rows.ts';
import { identity } from './identities.ts';

export interface MenuOptions {
  readonly solution: Solution;
  readonly security: Security;
  readonly seals: Seals;
  /** How many values each issue has. */
  readonly issues: readonly number[];
  readonly warmUps: number;
  readonly sessions: number;
}

/** Milliseconds of each session at this side, the gates of one, and the outcome of the last. */
export interface MenuResult {
  readonly ms: number[];
  /** Median of this process's CPU time in them. */
  readonly cpuMs: number;
  readonly ands: number;
  /** Bytes sent by this side in one. */
  readonly sent: number;
  readonly outcome: OutcomeJson;
}

const RESERVATION = 0.3;
/** Terms over issues of these many values. */
export function termsOf({
  solution,
  security,
  seals,
  issues,
}: Pick<MenuOptions, 'solution' | 'security' | 'seals' | 'issues'>): Terms {
  const menu = {
    issues: issues.map((count, issue) => ({
      name: `Issue ${issue + 1}`,
      values: Array.from({ length: count }, (_, value) => `Value ${value + 1}`),
    })),
  };
  return completeTerms(
    {
      parley: 1,
      subject: 'a benchmark',
      rule: { name: 'menu', version: MENU_VERSION, solution },
      menu,
      parties: { a: identity.left.publicKey, b: identity.right.publicKey },
      security,
      seals,
      expires: '2999-01-01T00:00:00Z',
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    },
    {},
    rule,
  );
}

/** The mandate of one side: random weights and evaluations, always the same. */
export function mandateOf(menu: Menu, side: 'left' | 'right') {
  const random = seededRandom(new Uint8Array(16).fill(side === 'left' ? 3 : 4));
  return randomMandate(menu, uniformDoubles(random), RESERVATION);
}

export async function play({ side, options, channel }: Peer<MenuOptions>): Promise<MenuResult> {
  const terms = termsOf(options);
  const mandate = mandateOf(terms.menu!, side);
  const ms: number[] = [];
  const cpuMs: number[] = [];
  const sealKey = options.seals === 'none' ? undefined : await createSealKey(identity[side].publicKey);
  const knownKeys = new Set<string>();
  let last: Omit<MenuResult, 'ms' | 'cpuMs'> | undefined;
  for (let run = 0; run < options.warmUps + options.sessions; run += 1) {
    const through = await channel();
    const cpu = process.cpuUsage();
    const start = performance.now();
    const session = await openSession({
      channel: through,
      initiator: side === 'right',
      identity: identity[side],
      peer: identity[side === 'left' ? 'right' : 'left'].publicKey,
      sealKey,
      knownKeys,
    });
    const { outcome, stats } = await session.negotiate({ terms, mandate });
    if (run >= options.warmUps) {
      ms.push(performance.now() - start);
      const { user, system } = process.cpuUsage(cpu);
      cpuMs.push((user + system) / 1000);
    }
    last = { ands: stats.ands, sent: stats.bytes.sent, outcome };
    await session.close();
  }
  return { ...last!, ms, cpuMs: median(cpuMs) };
}
