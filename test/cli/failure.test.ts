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

  it.each([
    [{ code: 'EMFILE', errno: -24, syscall: 'open', path: 'x' }, 'the system refuses open x (EMFILE)'],
    [{ code: 'ENOSPC', errno: -28, syscall: 'mkdtemp' }, 'the system refuses mkdtemp (no space left)'],
    [{ code: 'ERR_SYSTEM_ERROR', errno: -2, syscall: 'uv_os_homedir' }, 'you have no home folder'],
  ])('B19: what the system refuses is no fault of Parley: %o', (members, message) => {
    const refusal = Object.assign(new Error('refused'), members);
    for (const error of [refusal, new ParleyError('ERR_INTERNAL', 'stopped', { cause: refusal })]) {
      expect(describeFailure(error)).toMatchObject({ code: 'ERR_FILE', message });
      expect(exitCodeOf(error)).toBe(2);
    }
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
