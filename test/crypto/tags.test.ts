import { expect, test } from 'vitest';
import { tags } from '../../src/crypto/tags.ts';

test('domain-separation tags are distinct, versioned and plain ASCII', () => {
  const values = Object.values(tags);
  expect(new Set(values).size).toBe(values.length);
  for (const value of values) expect(value).toMatch(/^parley\/1 [ -~]+$/);
});
