// The first file that runs, in plain JavaScript: an older Node reads this much and gets one clear sentence.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Aside needs Node 22.18 or later and this is ${process.versions.node}. "npm ci && npm start" brings its own.`,
  );
  process.exit(1);
}
// What was compiled once is read at the next start, which takes a quarter off its processor time. It lies beside the code,
// which whoever may write there could change as well; where nobody may write, nothing is kept.
module.enableCompileCache(`${import.meta.dirname}/../node_modules/.cache/aside`);
// Nothing runs yet that would have to be stopped; main.ts takes over.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
await import('./src/main.ts');
