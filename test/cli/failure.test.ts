import { describe, expect, it } from 'vitest';
import {
  describeFailure,
  exitCodeOf,
  failureLine,
  InterruptedError,
  usageError,
} from '../../src/cli/terminal/failure.ts';
import { ParleyError, PeerCheatedError, TermsError, TimeoutError } from '../../src/errors.ts';

describe('exit codes', () => {
  it.each([
    [usageError('no'), 2],
    [new TermsError('ERR_TERMS_MISMATCH', 'differ'), 1],
    [new PeerCheatedError('a check'), 1],
    [new TimeoutError('late'), 1],
    [new InterruptedError(), 130],
    [new ParleyError('ERR_INTERNAL', 'stopped', { cause: new RangeError('off by one') }), 70],
    [new TypeError('undefined is not a function'), 70],
    ['a string', 70],
  ])('%s', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
    const failure = describeFailure(error);
    expect(failure.code).toMatch(/^ERR_/);
    expect(failureLine(failure)).not.toContain('\n');
    if (code === 70)
      expect(failure).toMatchObject({ code: 'ERR_INTERNAL', hint: expect.stringMatching(/report it$/) });
  });

  it('shows what a fault was, in one line', () => {
    const cause = new RangeError('off by one\nat line 3');
    expect(describeFailure(new ParleyError('ERR_INTERNAL', 'stopped', { cause })).message).toBe(
      'a fault in Parley (RangeError: off by one)',
    );
    expect(describeFailure(new ParleyError('ERR_INTERNAL', 'a fault in Parley (x)')).message).toBe(
      'a fault in Parley (x)',
    );
  });
});
