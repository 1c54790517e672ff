import { message } from '../../link/message.ts';
import type { CorrelationShape, SetupShape } from './parameters.ts';
import { correctionLength, setupLengths } from './parameters.ts';

/** Steps 1–2: the masked level sums of the punctured trees and their consistency check. */
export const cotSetup = message(0x22, 'COT setup', (shape: SetupShape) => setupLengths(shape));

/** Steps 3–5: the corrections of one batch, and the answer that shows them consistent. */
export const cotBatch = message(0x23, 'COT batch', (shape: CorrelationShape) => ({
  correction: correctionLength(shape),
  choiceHash: 16,
  macHash: 32,
}));
