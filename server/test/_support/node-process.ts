import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FamilyUrls } from '../../src/base/family.ts';
import { operatorKey } from './start-app.ts';

/** A whole Aside in a process of its own, to be killed and paused. */
export interface NodeProcess {
  url: string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended, by whatever signal; null after a kill. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

const main = join(import.meta.dirname, '..', '..', 'start.js');

export async function startNode(
  urls: FamilyUrls,
  natsUrl: string,
  more: Record<string, string> = {},
): Promise<NodeProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'aside-node-'));
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATA_DIR: dataDir,
      DATABASE_URL_CONVERSATION: urls.conversation,
      DATABASE_URL_PERSON: urls.person,
      DATABASE_URL_IDENTITY: urls.identity,
      DATABASE_URL_JOBS: urls.jobs,
      DATABASE_POOL: '4',
      NATS_URL: natsUrl,
      ASIDE_OPERATOR_KEY: operatorKey,
      SEND_RATE: '100000',
      SEND_BURST: '100000',
      SWEEP_INTERVAL_MS: '500',
      ...more,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const ready = /ready at (\S+)/.exec(text);
      if (ready) resolve(ready[1]!);
    });
    void exited.then(([code]) => reject(new Error(`a node ended with ${code}: ${text}`)));
  });
  return {
    url,
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      const [code] = await exited;
      await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}
