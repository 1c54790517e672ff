import { platform } from '#platform';

/** Two halves of something that both parties do: what this party sends, and what it receives and verifies. */
export interface Halves {
  send(): Promise<void>;
  receive(): Promise<void>;
}

/** Something that each party shows the other about what it has entered, in an answer that says nothing else. */
export interface Shown {
  /** Sends this party's answer. */
  prove(): Promise<void>;
  /** Receives the peer's answer, and gives what verifies it. */
  receiveAnswer(): Promise<() => Promise<void>>;
}

/** A release, and what is shown ahead of it. Each party sends all of its answers before it takes any, so that both prove and then verify at the same time. */
export class ShownRelease implements Halves {
  private readonly shown: readonly Shown[];
  private readonly release: Halves;
  private proving: Promise<void> | undefined;

  constructor(shown: readonly Shown[], release: Halves) {
    this.shown = shown;
    this.release = release;
  }

  /** The same, with something more to be shown first, and `around` what follows it all. */
  static ahead(
    first: Shown,
    release: Halves,
    around: (release: Halves) => Halves = (same) => same,
  ): ShownRelease {
    if (release instanceof ShownRelease) {
      return new ShownRelease([first, ...release.shown], around(release.release));
    }
    return new ShownRelease([first], around(release));
  }

  async send(): Promise<void> {
    await this.prove();
    await this.release.send();
  }

  async receive(): Promise<void> {
    await this.prove(); // while the peer makes its own
    const verifications: (() => Promise<void>)[] = [];
    for (const each of this.shown) verifications.push(await each.receiveAnswer());
    await platform.nextTurn(); // this side's answers leave before it computes
    for (const verify of verifications) await verify();
    await this.release.receive();
  }

  private prove(): Promise<void> {
    this.proving ??= (async () => {
      for (const each of this.shown) await each.prove();
    })();
    return this.proving;
  }
}
