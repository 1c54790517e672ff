import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorClass, ParleyError } from '../../errors.ts';
import type { LogLine } from '../../link/log.ts';
import type { Phase } from '../../session/index.ts';
import type { FromPlayer, ToPlayer } from './player.ts';

/** Milliseconds that one party's failure waits for the other's, and that a party's process has to end. */
export const GRACE = 1_000;

/** What a party's process reported before it ended. */
export class PlayerError extends Error {
  readonly report: Extract<FromPlayer, { kind: 'failed' }>;

  constructor(report: Extract<FromPlayer, { kind: 'failed' }>) {
    super(report.failure.message);
    this.report = report;
  }

  /** Whether the error only says that the other side stopped. */
  get secondary(): boolean {
    return ['ERR_PEER_LEFT', 'ERR_PEER_ABORTED', 'ERR_TIMEOUT'].includes(this.report.failure.code);
  }

  /** The error as if it had been thrown in this process. */
  unwrap(): Error {
    const { failure } = this.report;
    if (failure.code === 'ERR_INTERNAL') return new ParleyError('ERR_INTERNAL', failure.message);
    return new ParleyError<ErrorClass>(failure.code, failure.message, { hint: failure.hint });
  }
}

/** A child process that plays one party, as its parent sees it. */
export class PlayerProcess {
  readonly role: string;
  /** Rejects when this party can no longer go on. */
  readonly failed: Promise<never>;
  failure: unknown;
  onProgress: ((phase: Phase | 'connected') => void) | undefined;
  onLog: ((line: LogLine) => void) | undefined;
  private readonly child: ChildProcess;
  private readonly inbox: FromPlayer[] = [];
  private wake: (() => void) | undefined;
  private reject!: (reason: unknown) => void;

  constructor(role: string) {
    this.role = role;
    this.failed = new Promise((_, reject) => {
      this.reject = reject;
    });
    this.failed.catch(() => undefined);
    this.child = fork(fileURLToPath(import.meta.resolve('#player')), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child.on('message', (message) => this.receive(message as FromPlayer));
    this.child.on('error', (error) => this.fail(error));
    this.child.on('exit', (code, signal) =>
      this.fail(new Error(`the ${role}'s process ended (${signal ?? code})`)),
    );
  }

  tell(message: ToPlayer): void {
    this.child.send(message, (error) => {
      if (error !== null) this.fail(error);
    });
  }

  async next<Kind extends FromPlayer['kind']>(kind: Kind): Promise<Extract<FromPlayer, { kind: Kind }>> {
    for (;;) {
      const message = this.inbox.shift();
      if (message?.kind === kind) return message as Extract<FromPlayer, { kind: Kind }>;
      if (message !== undefined) throw new Error(`${message.kind} instead of ${kind}`);
      const arrived = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      await Promise.race([arrived, this.failed]);
    }
  }

  fail(error: unknown): void {
    this.failure ??= error;
    this.reject(this.failure);
  }

  /** Ends the process. It is killed if it has not ended by itself within a second. */
  dismiss(): void {
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), GRACE);
    if (this.child.exitCode !== null || this.child.signalCode !== null) clearTimeout(timer);
    this.child.once('exit', () => clearTimeout(timer));
  }

  private receive(message: FromPlayer): void {
    if (message.kind === 'failed') {
      this.fail(new PlayerError(message));
    } else if (message.kind === 'progress') {
      this.onProgress?.(message.phase);
    } else if (message.kind === 'log') {
      this.onLog?.(message.line);
    } else {
      this.inbox.push(message);
      this.wake?.();
    }
  }
}
