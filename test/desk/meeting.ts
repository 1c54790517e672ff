import { vi } from 'vitest';
import { type HostOptions, host } from '../../src/desk/host.ts';
import { type JoinOptions, join } from '../../src/desk/join.ts';
import type { DeskEvent, Person, PrincipalQuestion, TermsQuestion } from '../../src/desk/person.ts';
import type { PublicJwk, TermsDraft } from '../../src/documents/terms.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { bela } from '../support/delegations.ts';
import { homeOf } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { buyer, codes, seller } from '../support/sessions.ts';

/** Terms without parties, as a host offers them. */
export const draft: TermsDraft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
  security: 'semi-honest',
};

/** The seller knows bela, if nothing else is said. */
export const homes = {
  host: (peers: Record<string, PublicJwk> = { bela: bela.publicKey }) => homeOf(seller, 'host', { peers }),
  join: () => homeOf(buyer, 'join'),
};

export interface Sides {
  readonly host?: Partial<HostOptions>;
  readonly join?: Partial<JoinOptions>;
  readonly terms?: TermsDraft;
}

/** The seller hosts, the buyer joins, each with a value as its mandate. What each side came to, and what each was told and asked. */
export async function meet({ host: hosts = {}, join: joins = {}, terms = draft }: Sides) {
  const [left, right] = memoryChannelPair();
  const told = { host: [] as DeskEvent[], join: [] as DeskEvent[] };
  const listener = (of: DeskEvent[]): Person => ({ told: (event) => of.push(event) });
  const network = memoryNetwork();
  const welcomes = vi.fn((_: PrincipalQuestion) => true);
  const hosting = host({
    ...{ home: homes.host(), network, terms, role: 'seller', channel: right },
    mandate: { reservation: 400n },
    person: { ...listener(told.host), welcomes },
    ...hosts,
  });
  const accepts = vi.fn((_: TermsQuestion) => true);
  const joining = hosting.invite.then((invite) =>
    join({
      ...{ home: homes.join(), network, invite, channel: left },
      mandate: { reservation: 500n },
      person: { ...listener(told.join), accepts },
      ...joins,
    }),
  );
  const ended = await codes([hosting.result, joining]);
  const results = ended.join() === 'ok,ok' ? await Promise.all([hosting.result, joining]) : undefined;
  return { ended, results, told, accepts, welcomes };
}
