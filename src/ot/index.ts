export * from './base/index.ts';
export * from './extension/index.ts';
export { type DealtBaseOts, dealtBaseOts, dealtCots } from './ideal.ts';
export type { SeedPairs } from './seeds.ts';
export * from './silent/index.ts';
