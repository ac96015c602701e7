import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../server/src/storage/embedded/postmaster.ts';
import { postgresProcessesOn } from '../server/src/storage/embedded/processes.ts';
import { until } from './wait.ts';

// The server under test, as an operator runs it: a process of its own, started again when it ends, as systemd would.

export const operatorKey = 'operator-key-of-this-run';
const readyMs = 90_000;

export interface AsideOptions {
  /** The source tree it runs from; a mutant has its own. */
  root: string;
  dataDir: string;
  env: Record<string, string>;
}

export class Aside {
  readonly url: string;
  private readonly port: number;
  private readonly options: AsideOptions;
  private child: ChildProcess | null = null;
  /** Its last words, for an error message. */
  private words = '';
  private hasServed = false;
  private isWanted = false;
  /** Stopped for good: whoever still wants to start it is too late. */
  private isOver = false;
  /** How often it ended by itself after it had served: a crash. */
  deaths = 0;

  private constructor(options: AsideOptions, port: number) {
    this.options = options;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** The same port in every life, so that clients come back to where they were. */
  static async start(options: AsideOptions): Promise<Aside> {
    const aside = new Aside(options, await freePort());
    await aside.startAgain();
    return aside;
  }

  async startAgain(): Promise<void> {
    this.isWanted = true;
    this.launch();
    await this.ready();
  }

  /** Waits until it serves; one that ends while starting (its database is away) is started again. */
  async ready(): Promise<void> {
    await until(
      () => `Aside serves; it said: ${this.lastWords}`,
      readyMs,
      async () => {
        if (this.hasEnded && this.isWanted) this.launch();
        return this.answers();
      },
    );
  }

  get hasEnded(): boolean {
    return !this.child || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get pid(): number {
    return this.child!.pid!;
  }

  /** `kill -9`, reaped. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    this.isOver = true;
    this.isWanted = false;
    await this.end('SIGTERM', 20_000);
  }

  private async end(signal: NodeJS.Signals, withinMs?: number): Promise<void> {
    if (this.hasEnded) return;
    const child = this.child!;
    const gone = once(child, 'exit');
    child.kill(signal);
    const hard =
      withinMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), withinMs);
    await gone;
    clearTimeout(hard);
  }

  private async answers(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(3_000) });
      await response.arrayBuffer();
      this.hasServed ||= response.status === 200;
      return response.status === 200;
    } catch {
      return false;
    }
  }

  private launch(): void {
    if (this.isOver) throw new Error('Aside was stopped for good');
    const { root, dataDir, env } = this.options;
    const child = spawn(process.execPath, [join(root, 'server', 'start.js')], {
      cwd: root,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '/',
        HOST: '127.0.0.1',
        PORT: String(this.port),
        DATA_DIR: dataDir,
        LOG_LEVEL: 'error',
        ASIDE_OPERATOR_KEY: operatorKey,
        SEND_RATE: '1000000',
        SEND_BURST: '1000000',
        WRITE_RATE: '1000000',
        WRITE_BURST: '1000000',
        SWEEP_INTERVAL_MS: '1000',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.once('exit', () => {
      if (this.isWanted && this.child === child && child.signalCode !== 'SIGKILL' && this.hasServed)
        this.deaths += 1;
    });
    this.hasServed = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.words = (this.words + text).slice(-4_000);
      });
    }
  }

  get lastWords(): string {
    return this.words.trim();
  }
}

/** The embedded database of a data folder: where it answers now, and its processes. */
export function embeddedDatabase(dataDir: string): { url: string; pids: number[]; main: number } {
  const data = join(dataDir, 'postgres');
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim();
  const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  return {
    url: `postgres://aside:${password}@127.0.0.1:${lines[3]}/postgres`,
    pids: postgresProcessesOn(data),
    main: Number(lines[0]),
  };
}
