import type { TestProject } from 'vitest/node';
import { startTestServer, type TestServer } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string;
    /** The prefix of this run's databases; see test-server.ts. */
    databaseRun: string;
  }
}

// Vitest loads this file once per project, each with its own module state; the run has one server.
const shared = globalThis as { asideTestServer?: Promise<TestServer> };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.asideTestServer ??= startTestServer();
  const { adminUrl, run } = await shared.asideTestServer;
  project.provide('adminUrl', adminUrl);
  project.provide('databaseRun', run);
  return async () => {
    const server = await shared.asideTestServer;
    delete shared.asideTestServer;
    await server?.stop();
  };
}
