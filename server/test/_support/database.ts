// Empty, migrated databases for tests, cloned from the run's templates (about 20 ms each).

import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { families, type FamilyUrls } from '../../src/base/family.ts';
import { administer, urlOf } from './test-server.ts';

export interface FreshDatabase {
  urls: FamilyUrls;
  /** Removes it, cutting off whoever is still connected. */
  drop: () => Promise<void>;
}

/** One database that holds all four families, as on a small server. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const name = await clone('');
  const urls = families.map((family) => [family, urlOf(inject('adminUrl'), name)]);
  return { urls: Object.fromEntries(urls) as FamilyUrls, drop: () => drop([name]) };
}

/** Four databases, one per family; a query that crosses families fails here. */
export async function freshSplitDatabases(): Promise<FreshDatabase> {
  const names: string[] = [];
  const urls: Partial<FamilyUrls> = {};
  for (const family of families) {
    const name = await clone(`_${family}`);
    names.push(name);
    urls[family] = urlOf(inject('adminUrl'), name);
  }
  return { urls: urls as FamilyUrls, drop: () => drop(names) };
}

async function clone(suffix: string): Promise<string> {
  const run = inject('databaseRun');
  const name = `${run}_db_${randomBytes(6).toString('hex')}${suffix}`;
  // Copying files beats copying through the WAL (180 ms) as long as a checkpoint is cheap.
  const statement = `create database ${name} template ${run}_template${suffix} strategy file_copy`;
  await administer(inject('adminUrl'), [statement]);
  return name;
}

async function drop(names: string[]): Promise<void> {
  await administer(
    inject('adminUrl'),
    names.map((name) => `drop database if exists ${name} with (force)`),
  );
}
