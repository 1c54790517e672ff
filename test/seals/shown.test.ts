import { describe, expect, test } from 'vitest';
import { type Halves, type Shown, ShownRelease } from '../../src/seals/shown.ts';

/** Notes in a log what is done, in the order in which that begins. */
function scene(refused?: string) {
  const log: string[] = [];
  const note = (what: string) => async () => {
    log.push(what);
    await Promise.resolve();
    if (what === refused) throw new Error(what);
  };
  const shown = (name: string): Shown => ({
    prove: note(`prove ${name}`),
    receiveAnswer: async () => {
      await note(`receive ${name}`)();
      return note(`verify ${name}`);
    },
  });
  const release = (name: string): Halves => ({
    send: note(`send ${name}`),
    receive: note(`take ${name}`),
  });
  return { log, shown, release };
}

/** A release behind an escrow and, in front of it, a seal; with the seal goes a fingerprint, which follows both. */
function nested({ shown, release }: ReturnType<typeof scene>): Halves {
  const share = ShownRelease.ahead(shown('escrow'), release('share'));
  return ShownRelease.ahead(shown('seal'), share, (last) => ({
    async send() {
      await release('fingerprint').send();
      await last.send();
    },
    async receive() {
      await release('fingerprint').receive();
      await last.receive();
    },
  }));
}

describe('what is shown ahead of a release', () => {
  test('leaves whole before anything is taken, where this party receives first', async () => {
    const run = scene();
    const release = nested(run);
    await release.receive();
    await release.send();
    expect(run.log).toEqual([
      ...['prove seal', 'prove escrow', 'receive seal', 'receive escrow', 'verify seal', 'verify escrow'],
      ...['take fingerprint', 'take share', 'send fingerprint', 'send share'],
    ]);
  });

  test('goes ahead of the release, and once, where this party sends first', async () => {
    const run = scene();
    const release = nested(run);
    await release.send();
    await release.receive();
    expect(run.log).toEqual([
      ...['prove seal', 'prove escrow', 'send fingerprint', 'send share'],
      ...['receive seal', 'receive escrow', 'verify seal', 'verify escrow', 'take fingerprint', 'take share'],
    ]);
  });

  test.each(['receive seal', 'receive escrow', 'prove escrow', 'verify seal', 'verify escrow'])(
    'stops the release if this fails: %s',
    async (refused) => {
      const run = scene(refused);
      const release = nested(run);
      await expect(release.receive()).rejects.toThrow(refused);
      expect(run.log.at(-1)).toBe(refused);
      expect(run.log.filter((what) => /^(take|send)/.test(what))).toEqual([]);
    },
  );

  test('is not sent again by a release whose proof has failed', async () => {
    const run = scene('prove escrow');
    const release = nested(run);
    await expect(release.receive()).rejects.toThrow('prove escrow');
    await expect(release.send()).rejects.toThrow('prove escrow');
    expect(run.log.filter((what) => what.startsWith('prove'))).toEqual(['prove seal', 'prove escrow']);
    expect(run.log).not.toContain('send share');
  });
});
