import { describe, expect, test } from 'vitest';
import { messageTypes } from '../../src/link/message.ts';
import { changeField, flip } from '../adversary/harness/changes.ts';
import { fault } from './fault.ts';

const attack = (message: string, field: string) => () => changeField({ from: 'a', message }, field, flip(0));

describe('C14: an attack is on something', () => {
  fault('C14: on a message that nobody declares, it throws', () => {
    expect(messageTypes().map(({ name }) => name)).toContain('COT batch');
    expect(attack('COT bach', 'macHash')).toThrow();
  });

  test('C14: on one that is declared, it does not', () => {
    expect(attack('COT batch', 'macHash')).not.toThrow();
  });
});
