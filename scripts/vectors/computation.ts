import { circuits } from './computation-circuits.ts';
import { dealMakers } from './computation-deals.ts';
import { garbling, triples } from './computation-garbling.ts';
import { baseOt, otExtension, silentOt } from './computation-ot.ts';
import { escrow, sealLink } from './computation-seals.ts';
import type { Maker } from './shape.ts';

/** The files of parts 4 and 5 of docs/wire.md, but for keys, key proofs and openings of seals. */
export const computation: Readonly<Record<string, Maker>> = {
  circuits,
  'base-ot': baseOt,
  'ot-extension': otExtension,
  'silent-ot': silentOt,
  triples,
  garbling,
  'seal-link': sealLink,
  escrow,
  ...dealMakers,
};
