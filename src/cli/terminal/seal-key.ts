import type { SealKeyEvent } from '../../desk/home.ts';
import { describeFailure, failureLine } from './failure.ts';
import { shownPath } from './paths.ts';
import { say, style } from './terminal.ts';

/** Says what became of a seal key that was in the clear beside an identity with a passphrase. */
export function tellSealKey(event: SealKeyEvent): void {
  const place = shownPath(event.place);
  if (event.kind === 'sealKeyLocked') {
    say(`your seal key was readable without your passphrase; it is under it now: ${place}`);
    say('older copies of that file are still readable, and open your sealed bids: destroy them');
    return;
  }
  say(style('yellow', `your seal key is readable without your passphrase: ${place}`));
  say(`it could not be put under it: ${failureLine(describeFailure(event.error))}`);
}
