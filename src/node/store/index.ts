export { disputeFile, disputeFiles, fileDisputes } from './file-disputes.ts';
export { fileLedger, fileStore } from './file-store.ts';
export { fileSessionLog } from './session-log.ts';
