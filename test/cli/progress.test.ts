import { expect, onTestFinished, test, vi } from 'vitest';
import { Progress, say } from '../../src/cli/terminal/terminal.ts';
import { Screen } from './screen.ts';

test('what is said while work is under way has a line of its own, and the work is shown below', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const screen = new Screen(80);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    screen.write(String(text));
    return true;
  });
  const { isTTY } = process.stderr;
  process.stderr.isTTY = true;
  onTestFinished(() => {
    process.stderr.isTTY = isTTY;
    vi.restoreAllMocks();
  });
  const progress = new Progress();
  progress.update('preparing', '0 %');
  vi.advanceTimersByTime(2_000);
  expect(screen.lines().join('\n')).toMatch(/^. preparing: 0 %$/);
  say('waiting');
  expect(screen.lines().filter(Boolean)).toEqual(['waiting']);
  vi.advanceTimersByTime(500);
  expect(screen.lines().join('\n')).toMatch(/^waiting\n. preparing: 0 %$/);
  progress.stop();
  expect(screen.lines().filter(Boolean)).toEqual(['waiting']);
});
