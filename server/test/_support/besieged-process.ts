// A server in a process of its own, started with --expose-gc, that tells how much memory it holds and what it logged.

import { Writable } from 'node:stream';
import { startApp } from '../../src/app.ts';
import { createLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';

export interface Standing {
  /** Resident, after everything that can be freed was freed. */
  rssBytes: number;
  /** Held by objects and buffers. */
  usedBytes: number;
  /** Lines of level error or worse. */
  failures: string[];
}

const failures: string[] = [];
const lines = new Writable({
  write(chunk: Buffer, _encoding, done) {
    const text = chunk.toString();
    if ((JSON.parse(text) as { level: number }).level >= 50) failures.push(text);
    done();
  },
});

const app = await startApp(readConfig(process.env), createLog('warn', lines));
process.on('message', (asked) => {
  if (asked === 'standing') void tellStanding();
  else void app.stop().then(() => process.disconnect!());
});
process.send!({ url: app.url });

async function tellStanding(): Promise<void> {
  const collect = globalThis.gc;
  if (!collect) throw new Error('this process was started without --expose-gc');
  // What the first round leaves to finalizers is freed by the second.
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const standing: Standing = { rssBytes: rss, usedBytes: heapUsed + external, failures };
  process.send!(standing);
}
