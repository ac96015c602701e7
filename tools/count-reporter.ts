// A vitest reporter that leaves the counts, and the names of what failed, where tools/test.ts finds them.

import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

export interface Counts {
  passed: number;
  failed: number;
  /** One line per failure: file > test: first line of the error. */
  failures: string[];
}

type Errors = readonly { message?: string }[];

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message?: string }[]): void {
    const outside = unhandled.map((error) => failureLine('outside any test', [error]));
    const counts: Counts = { passed: 0, failed: unhandled.length, failures: outside };
    for (const module of modules) {
      const { passed, failed, failures } = countsOf(module);
      counts.passed += passed;
      counts.failed += failed;
      counts.failures.push(...failures);
    }
    const path = process.env['ASIDE_TEST_COUNTS'];
    if (path) writeFileSync(path, JSON.stringify(counts));
  }
}

/** A file that could not be loaded, or whose hooks failed, counts as one failure. */
function countsOf(module: TestModule): Counts {
  const counts: Counts = { passed: 0, failed: 0, failures: [] };
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === 'passed') counts.passed += 1;
    if (state === 'failed') {
      counts.failed += 1;
      counts.failures.push(failureLine(`${module.relativeModuleId} > ${test.fullName}`, errors));
    }
  }
  if (!module.ok() && counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push(failureLine(module.relativeModuleId, errorsAround(module)));
  }
  return counts;
}

/** Errors of the file itself and of its groups' hooks. */
function errorsAround(module: TestModule): Errors {
  const ofGroups = [...module.children.allSuites()].flatMap((suite) => suite.errors());
  return [...module.errors(), ...ofGroups];
}

function failureLine(name: string, errors: Errors = []): string {
  const message = stripVTControlCharacters(errors[0]?.message ?? 'no error was told');
  return `${name}: ${message.trim().split('\n', 1)[0]}`;
}
