import { expect, it } from 'vitest';
import { host } from '../../src/desk/host.ts';
import { join } from '../../src/desk/join.ts';
import type { DeskEvent } from '../../src/desk/person.ts';
import { anyHome } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';

it('a desk asks and tells by what the terms call the two sides', async () => {
  const network = memoryNetwork();
  const events: DeskEvent[] = [];
  const asked: string[][] = [];
  const hosting = host({
    network,
    timeout: 5_000,
    wait: 5_000,
    terms: {
      parley: 1,
      subject: 'salary',
      rule: { name: 'split' },
      range: { min: '0', max: '1000', unit: 'USD' },
      security: 'semi-honest',
      roles: { a: 'candidate', b: 'employer' },
    },
    mandate: { reservation: 500n },
    home: anyHome('host'),
    person: {
      told: (event) => events.push(event),
      side({ roles }) {
        asked.push([...roles]);
        return 'employer';
      },
    },
  });
  const joined = join({
    network,
    timeout: 5_000,
    wait: 5_000,
    invite: await hosting.invite,
    mandate: { reservation: 400n },
    home: anyHome('join'),
    person: {
      told: (event) => events.push(event),
      accepts: ({ role, peer, terms }) =>
        role === 'seller' && peer.role === 'employer' && terms.roles?.a === 'candidate',
    },
  });
  expect(await hosting.result).toMatchObject({ deal: true, price: 450n, role: 'buyer' });
  expect(await joined).toMatchObject({ deal: true, price: 450n, role: 'seller' });
  expect(asked).toEqual([['candidate', 'employer']]);
  const told = events.flatMap((event) => ('peer' in event ? [event.peer.role] : []));
  expect(new Set(told)).toEqual(new Set(['candidate', 'employer']));
  expect(events.find(({ kind }) => kind === 'invited')).toMatchObject({ peerRole: 'candidate' });
});
