import { agreements, engagements } from './agreements.ts';
import { computation } from './computation.ts';
import { handshake } from './handshake.ts';
import { invites } from './invites.ts';
import { keyProofs } from './key-proofs.ts';
import { mandates } from './mandates.ts';
import { obligationsMade } from './obligations.ts';
import { openings } from './openings.ts';
import { records } from './records.ts';
import { resolutions } from './resolutions.ts';
import type { Maker } from './shape.ts';
import { terms } from './terms.ts';

/** Every file of vectors/v1, by its name without the extension, in the order of docs/wire.md. */
export const makers: Readonly<Record<string, Maker>> = {
  handshake,
  records,
  invites,
  terms,
  engagements,
  agreements,
  mandates,
  obligations: obligationsMade,
  resolutions,
  'key-proofs': keyProofs,
  openings,
  ...computation,
};
