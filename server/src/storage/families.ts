import type { Family, FamilyUrls } from '../base/family.ts';
import { openDatabase, type Database } from './database.ts';
import { withPlanning } from './planning.ts';

/** The families that actions and queries work on; jobs has a door of its own (notifications/jobs). */
export interface Families {
  conversation: Database;
  person: Database;
  identity: Database;
}

/**
 * Opens a pool per family, even where they share one server: a transaction of one family may wait for a query
 * of another, and must never wait for a connection that it holds itself.
 */
export function openFamilies(
  urls: FamilyUrls,
  connectionsEach: number,
  onRetry?: (failureClass: string) => void,
): Families & { end(): Promise<void> } {
  const open = (family: Family): Database =>
    openDatabase(withPlanning(family, urls[family]), connectionsEach, onRetry);
  const families = {
    conversation: open('conversation'),
    person: open('person'),
    identity: open('identity'),
  };
  return {
    ...families,
    async end() {
      await Promise.all(Object.values(families).map((family) => family.end()));
    },
  };
}
