import type { OutboxItem, Problem } from './model.ts';
import { bounds } from './limits.ts';
import type { StoragePort } from './ports.ts';

// What survives a reload: whose it is, unsent messages, drafts. One key per item, so that two tabs never
// overwrite each other's lists. Everything goes when its person signs out or another one signs in.

const prefix = 'aside.';
const ownerKey = `${prefix}person`;
const outboxPrefix = `${prefix}outbox.`;
const draftPrefix = `${prefix}draft.`;

export interface ShelvedItem {
  item: OutboxItem;
  /** Not to be sent before; 0 for at once. */
  notBeforeMs: number;
}

export type ShelfNews =
  | { about: 'owner'; personId: string | null }
  | { about: 'outbox'; clientId: string; shelved: ShelvedItem | null };

export class Shelf {
  readonly #storage: StoragePort;

  constructor(storage: StoragePort) {
    this.#storage = storage;
  }

  /** From now on what lies here is this person's; anything of somebody else is thrown away first. */
  claim(personId: string): void {
    if (this.#storage.get(ownerKey) !== personId) this.clear();
    this.#storage.set(ownerKey, personId);
  }

  owner(): string | null {
    return this.#storage.get(ownerKey);
  }

  /** Leaves nothing behind. */
  clear(): void {
    for (const key of this.#storage.keys(prefix)) this.#storage.remove(key);
  }

  putItem(item: OutboxItem, notBeforeMs: number): boolean {
    return this.#storage.set(outboxPrefix + item.clientId, JSON.stringify({ item, notBeforeMs }));
  }

  readItem(clientId: string): ShelvedItem | null {
    return parseItem(this.#storage.get(outboxPrefix + clientId));
  }

  removeItem(clientId: string): void {
    this.#storage.remove(outboxPrefix + clientId);
  }

  listItems(): ShelvedItem[] {
    const items: ShelvedItem[] = [];
    for (const key of this.#storage.keys(outboxPrefix)) {
      const shelved = parseItem(this.#storage.get(key));
      if (shelved === null) this.#storage.remove(key);
      else items.push(shelved);
    }
    items.sort((left, right) => (left.item.createdAt < right.item.createdAt ? -1 : 1));
    return items.slice(0, bounds.outboxItems);
  }

  putDraft(key: string, text: string): void {
    if (text === '') this.#storage.remove(draftPrefix + key);
    else this.#storage.set(draftPrefix + key, text);
  }

  listDrafts(): Map<string, string> {
    const drafts = new Map<string, string>();
    for (const key of this.#storage.keys(draftPrefix).slice(0, bounds.drafts)) {
      const text = this.#storage.get(key);
      if (text !== null) drafts.set(key.slice(draftPrefix.length), text);
    }
    return drafts;
  }

  watch(listener: (news: ShelfNews) => void): () => void {
    return this.#storage.watch((key, value) => {
      if (key === ownerKey) listener({ about: 'owner', personId: value });
      else if (key.startsWith(outboxPrefix)) {
        const clientId = key.slice(outboxPrefix.length);
        listener({ about: 'outbox', clientId, shelved: parseItem(value) });
      }
    });
  }
}

function parseItem(text: string | null): ShelvedItem | null {
  if (text === null) return null;
  try {
    const { item, notBeforeMs } = JSON.parse(text) as { item: OutboxItem; notBeforeMs: number };
    if (typeof item.clientId !== 'string' || typeof item.text !== 'string') return null;
    if (item.conversationId === null && item.to === null) return null;
    const problem: Problem | undefined = item.problem;
    return {
      item: {
        clientId: item.clientId,
        conversationId: item.conversationId,
        to: item.to,
        text: item.text,
        createdAt: item.createdAt,
        // Whoever was sending it is gone or has told us nothing yet: the client id makes another try safe.
        status: item.status === 'failed' || item.status === 'held' ? item.status : 'queued',
        ...(problem !== undefined && { problem }),
      },
      notBeforeMs: Number.isFinite(notBeforeMs) ? notBeforeMs : 0,
    };
  } catch {
    return null;
  }
}
