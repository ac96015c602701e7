import type { FamilyUrls } from '../base/family.ts';
import { openDatabase, type Database } from './database.ts';

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
  const families = {
    conversation: openDatabase(urls.conversation, connectionsEach, onRetry),
    person: openDatabase(urls.person, connectionsEach, onRetry),
    identity: openDatabase(urls.identity, connectionsEach, onRetry),
  };
  return {
    ...families,
    async end() {
      await Promise.all(Object.values(families).map((family) => family.end()));
    },
  };
}
