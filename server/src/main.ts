import { startApp } from './app.ts';
import { createLog } from './base/log.ts';
import { StartupProblem } from './base/startup-problem.ts';
import { readConfig } from './config.ts';
import { seedDemo } from './demo.ts';

// Reads the knobs, starts the server, stops it on a signal, also while it starts. `--demo` seeds a few people first.

const stopping = new AbortController();
const asked = new Promise<void>((resolve) => {
  stopping.signal.addEventListener('abort', () => resolve());
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // start.js ended the process at once, which was right while there was nothing to stop.
  process.removeAllListeners(signal);
  process.on(signal, () => stopping.abort());
}

try {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const app = await startApp(config, log, () => process.exit(1), stopping.signal);
  if (process.argv.includes('--demo')) console.log(await seedDemo(app));
  console.log(`Aside is ready at ${app.url}`);
  if (app.publicUrl !== app.url) console.log(`People reach it at ${app.publicUrl}`);
  await asked;
  await app.stop();
} catch (error) {
  // Whoever stopped it need not hear what it was just doing, such as waiting for the database they stopped as well.
  if (stopping.signal.aborted) process.exit(0);
  if (!(error instanceof StartupProblem)) throw error;
  console.error(error.message);
  process.exit(1);
}
process.exit(0);
