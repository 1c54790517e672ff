export { BASE_OTS, baseOtPoint, baseOtPoints } from './messages.ts';
export { BaseOtReceiver } from './receiver.ts';
export { BaseOtSender } from './sender.ts';
