// A vitest reporter that leaves the counts where tools/test.ts finds them.

import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface Counts {
  passed: number;
  failed: number;
}

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: unhandled.length };
    for (const module of modules) {
      const { passed, failed } = countsOf(module);
      counts.passed += passed;
      counts.failed += failed;
    }
    const path = process.env['ASIDE_TEST_COUNTS'];
    if (path) writeFileSync(path, JSON.stringify(counts));
  }
}

/** A file that could not be loaded, or whose hooks failed, counts as one failure. */
function countsOf(module: TestModule): Counts {
  const counts = { passed: 0, failed: 0 };
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') counts.passed += 1;
    if (state === 'failed') counts.failed += 1;
  }
  if (!module.ok() && counts.failed === 0) counts.failed = 1;
  return counts;
}
