import type { Subject } from './measure.ts';

const LENGTH = 4_096;

/** Two subjects that show what the report can detect on this machine: one that depends on its input by design, and one that cannot. */
export function controls(): Subject[] {
  const bytes = () => new Uint8Array(LENGTH);
  const left = bytes();
  const right = bytes();
  let _ignored = 0;
  return [
    {
      id: 'control.earlyExit',
      samples: 40_000,
      input: left,
      fixed: bytes(),
      run() {
        _ignored += firstDifference(left, right);
      },
    },
    {
      id: 'control.constant',
      samples: 40_000,
      input: bytes(),
      fixed: bytes(),
      run() {
        _ignored += firstDifference(right, right);
      },
    },
  ];
}

/** Compares byte by byte and leaves at the first difference: which `equalBytes` avoids. */
export function firstDifference(left: Uint8Array, right: Uint8Array): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return at;
}
