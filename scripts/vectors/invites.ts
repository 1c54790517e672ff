import { formatInvite, type InvitePlace, inviteRoom, makeInvite } from '../../src/desk/invite.ts';
import { thumbprint } from '../../src/documents/identity.ts';
import { parseEndpoint } from '../../src/link/endpoint.ts';
import { invitePsk } from '../../src/link/noise.ts';
import { encodeEntry } from '../../src/link/relay-messages.ts';
import { identity } from './people.ts';
import { hex, type Maker, seeded } from './shape.ts';

const places: readonly InvitePlace[] = [
  { kind: 'direct', endpoint: parseEndpoint('192.0.2.7:4466')! },
  { kind: 'direct', endpoint: parseEndpoint('[2001:db8::7]:4466')! },
  { kind: 'relay', endpoint: parseEndpoint('wss://relay.example/meet')! },
  { kind: 'stdio' },
];

export const invites: Maker = {
  about: 'Invites: their text, what it holds, and what follows from the secret.',
  make: () => ({
    invites: places.map((place, i) => {
      const host = identity(i + 1).publicKey;
      const invite = makeInvite(thumbprint(host), place, seeded(40 + i));
      const { secret } = invite;
      const room = inviteRoom(secret);
      return {
        text: formatInvite(invite),
        host,
        place: place.kind === 'stdio' ? { kind: place.kind } : { kind: place.kind, ...place.endpoint },
        secret: hex(secret),
        psk: hex(invitePsk(secret)),
        room: hex(room),
        entries: {
          host: hex(encodeEntry({ side: 'host', room })),
          joiner: hex(encodeEntry({ side: 'joiner', room })),
        },
      };
    }),
  }),
};
