import { startApp } from './app.ts';
import { StartupProblem } from './base/startup-problem.ts';
import { readConfig } from './config.ts';
import { seedDemo } from './demo.ts';

// Reads the knobs, starts the server, stops it on a signal. `--demo` seeds a few people first.

try {
  const app = await startApp(readConfig(process.env));
  if (process.argv.includes('--demo')) console.log(await seedDemo(app));
  console.log(`Aside is ready at ${app.url}`);
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void app.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  if (!(error instanceof StartupProblem)) throw error;
  console.error(error.message);
  process.exit(1);
}
