export { roomFor } from './arrays.ts';
export { silentAnswer, silentChallenge, silentTrees } from './messages.ts';
export { baseOf, leavesOf, levelsOf, type SilentShape, shapeFor } from './parameters.ts';
export { SilentReceiver, type SilentReceiverOptions } from './receiver.ts';
export { type ChallengeFields, SilentSender, type SilentSenderOptions } from './sender.ts';
export { SILENT_FROM, SILENT_SIZES, type SilentSize } from './sizes.ts';
