import type { TestProject } from 'vitest/node';
import { families, type Family, type FamilyUrls } from '../../src/base/family.ts';
import { contractDatabases } from './contract-databases.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** Where the databases of a family are made, and the prefix of their names; see test-server.ts. */
export type ServerOf = Record<Family, { adminUrl: string; run: string }>;

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string;
    /** The prefix of this run's databases; see test-server.ts. */
    databaseRun: string;
    serverOf: ServerOf;
    /** True: every fresh database of a test is four, on two servers. */
    isApart: boolean;
    /** For the storage contract: databases that the environment named. */
    contractUrls: FamilyUrls | null;
  }
}

// Vitest loads this file once per project, each with its own module state; the run has one server, and a second one
// for the project whose families live apart.
const shared = globalThis as { asideTestServers?: Promise<TestServer>[] };

const given = ['TEST_DATABASE_URL', 'TEST_DATABASE_URL_SECOND'] as const;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const isContract = project.name === 'contract';
  const isApart = project.name === 'apart' || isContract;
  const contractUrls = isContract ? await contractDatabases(process.env) : null;
  project.provide('contractUrls', contractUrls);
  const started = (shared.asideTestServers ??= []);
  const first = await (started[0] ??= startTestServer(process.env[given[0]]));
  const second = isApart ? await (started[1] ??= startTestServer(process.env[given[1]])) : first;
  project.provide('adminUrl', first.adminUrl);
  project.provide('databaseRun', first.run);
  project.provide('isApart', isApart);
  project.provide('serverOf', serversOf(first, second));
  return async () => {
    const servers = await Promise.all(shared.asideTestServers ?? []);
    delete shared.asideTestServers;
    await Promise.all(servers.map((server) => server.stop()));
  };
}

/** Families that talk most with each other are parted. */
function serversOf(first: TestServer, second: TestServer): ServerOf {
  const entries = families.map((family) => {
    const { adminUrl, run } = family === 'conversation' || family === 'jobs' ? first : second;
    return [family, { adminUrl, run }];
  });
  return Object.fromEntries(entries) as ServerOf;
}
