export { type ArbiterClientOptions, arbiterClient } from './node/arbiter/client.ts';
export { fileCases } from './node/arbiter/file-cases.ts';
export { type ArbiterKey, makeArbiterKey, readArbiterKey, writeArbiterKey } from './node/arbiter/key-file.ts';
export {
  type ArbiterLimits,
  type ServedArbiter,
  type ServeOptions,
  serveArbiter,
} from './node/arbiter/serve.ts';
export type { Contents as BackupContents, HomeFile } from './node/home/backup/archive.ts';
export { backUp, restore } from './node/home/backup/backup.ts';
export { restorationsOf } from './node/home/backup/restored.ts';
export {
  type FileHome,
  type FileHomeOptions,
  fileHome,
  homeFolder,
  identityFile,
  ledgerFolder,
} from './node/home/home.ts';
export { type LineLog, openLineLog } from './node/home/line-log.ts';
export { type Removal, removeHome, whatToRemove } from './node/home/remove.ts';
export { nodeNetwork } from './node/net/network.ts';
export { type Relay, type RelayLimits, serveRelay } from './node/net/relay.ts';
export { StreamChannel } from './node/net/stream-channel.ts';
export { connect, listen } from './node/net/tcp.ts';
export { connectWebSocket, listenWebSocket } from './node/net/websocket.ts';
export { disputeFiles, fileDisputes, fileLedger, fileSessionLog, fileStore } from './node/store/index.ts';
