// Empty, migrated databases for tests, cloned from the run's templates (about 20 ms each).

import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { families, type Family, type FamilyUrls } from '../../src/base/family.ts';
import { administer, urlOf } from './test-server.ts';

export interface FreshDatabase {
  urls: FamilyUrls;
  /** Removes it, cutting off whoever is still connected. */
  drop: () => Promise<void>;
}

/** One database that holds all four families, as on a small server; in the project `apart`, four on two servers. */
export async function freshDatabase(): Promise<FreshDatabase> {
  if (inject('isApart')) return freshSplitDatabases();
  const one = await clone('conversation', '');
  const urls = families.map((family) => [family, one.url]);
  return { urls: Object.fromEntries(urls) as FamilyUrls, drop: () => drop([one]) };
}

/** Four databases, one per family; a query that crosses families fails here. */
export async function freshSplitDatabases(): Promise<FreshDatabase> {
  const made: Clone[] = [];
  for (const family of families) made.push(await clone(family, `_${family}`));
  const urls = made.map(({ family, url }) => [family, url]);
  return { urls: Object.fromEntries(urls) as FamilyUrls, drop: () => drop(made) };
}

interface Clone {
  family: Family;
  adminUrl: string;
  name: string;
  url: string;
}

async function clone(family: Family, suffix: string): Promise<Clone> {
  const { adminUrl, run } = inject('serverOf')[family];
  const name = `${run}_db_${randomBytes(6).toString('hex')}${suffix}`;
  // Copying files beats copying through the WAL (180 ms) as long as a checkpoint is cheap.
  const statement = `create database ${name} template ${run}_template${suffix} strategy file_copy`;
  await administer(adminUrl, [statement]);
  return { family, adminUrl, name, url: urlOf(adminUrl, name) };
}

async function drop(clones: Clone[]): Promise<void> {
  for (const { adminUrl, name } of clones) {
    await administer(adminUrl, [`drop database if exists ${name} with (force)`]);
  }
}
