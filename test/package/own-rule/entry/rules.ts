export * from '../../../../src/rules.ts';
