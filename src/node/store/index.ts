export { fileSessionLog } from './session-log.ts';
