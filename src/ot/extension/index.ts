export { chosenSeedsFromMacs, seedPairsFromKeys } from './base-seeds.ts';
export { cotBatch, cotSetup } from './messages.ts';
export {
  type CorrelationShape,
  DEFAULT_DEPTH,
  MAX_BATCH,
  matrixRows,
  type SetupShape,
  type TreeDepth,
} from './parameters.ts';
export { type BatchFields, CotReceiver, type CotReceiverOptions } from './receiver.ts';
export { CotSender, type CotSenderOptions } from './sender.ts';
export type { SetupFields } from './trees.ts';
