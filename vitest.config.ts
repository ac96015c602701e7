import { defineConfig } from 'vitest/config';

const here = import.meta.dirname;
const excluded = ['**/node_modules/**', '**/dist/**', '**/data/**', '**/.tmp/**'];

/** Shared by all; a project that needs the database adds the global setup. */
const common = {
  root: here,
  exclude: excluded,
  testTimeout: 20_000,
  hookTimeout: 30_000,
  // Two cores: one more file at once only makes each of them slower and less even.
  maxWorkers: 2,
};

const database = './server/test/_support/global-setup.ts';

const serverTests = ['server/**/*.pg.test.ts', 'server/test/**/*.test.ts'];

/** They start servers of their own and end them hard. */
const wholeProcesses = 'server/test/chaos*.test.ts';

/** What crosses families most; `npm run test:split` runs all server tests that way. */
const crossing = ['block', 'delete-account', 'held', 'interrupted-consent', 'storage-contract'];
const everythingApart = process.env['ASIDE_TEST_SPLIT'] === 'two-servers';

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          ...common,
          name: 'pure',
          include: ['{protocol,server,web,tools}/**/*.test.{ts,tsx}', '{bench,chaos}/**/*.test.ts'],
          exclude: [...excluded, '**/*.pg.test.ts', 'server/test/**', 'tools/**/*.slow.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'database',
          include: serverTests,
          exclude: [...excluded, wholeProcesses],
          globalSetup: [database],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The four families in four databases on two servers.
        test: {
          ...common,
          name: 'apart',
          include: everythingApart
            ? serverTests
            : crossing.map((name) => `server/test/${name}.test.ts`),
          exclude: [...excluded, wholeProcesses],
          globalSetup: [database],
          sequence: { groupOrder: 2 },
        },
      },
      // `npm run test:contract`: on the databases that the environment names, else on two servers of its own.
      ...(process.env['ASIDE_TEST_CONTRACT'] === '1'
        ? [
            {
              test: {
                ...common,
                name: 'contract',
                include: ['server/test/storage-contract.test.ts'],
                globalSetup: [database],
              },
            },
          ]
        : []),
      {
        // Real browsers and whole processes: one file at a time, when nothing else runs.
        test: {
          ...common,
          name: 'whole',
          include: ['e2e/**/*.test.ts', 'tools/**/*.slow.test.ts', wholeProcesses],
          globalSetup: [database],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
