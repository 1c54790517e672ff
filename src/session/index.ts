export type { AdmissionRequest, MandateRequest, MandateSource } from './mandate.ts';
export { negotiate, type OneCallOptions, type OneCallResult } from './negotiate.ts';
export { type OpenOptions, openSession } from './open.ts';
export {
  DEFAULT_TIMEOUT,
  DEFAULT_WAIT,
  type NegotiateOptions,
  type Phase,
  type PrepareOptions,
} from './options.ts';
export type { NegotiationStats, Result } from './result.ts';
export type { Session } from './session.ts';
