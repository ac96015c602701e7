import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Loaded into a server that is measured (`node --import`): on SIGUSR2 it collects its garbage and writes what is left as
// one line of JSON to standard output.

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  collect();
  // A second one after the first has let its finalisers run.
  setTimeout(() => {
    collect();
    process.stdout.write(`memory ${JSON.stringify(process.memoryUsage())}\n`);
  }, 500);
});
