import {
  errorCatalogue,
  type ErrorCode,
  type Grants,
  type ProfileView,
  type Standing,
} from '@aside/protocol';
import { bounds } from './limits.ts';
import type { Draft } from './known.ts';
import type { OutboxItem, Problem } from './model.ts';

// What the person at this page made or looked at: the outbox, drafts, profiles.

export function addToOutbox(draft: Draft, item: OutboxItem): void {
  const outbox = draft.app.outbox.filter((other) => other.clientId !== item.clientId);
  // Nearly always the newest; another tab's item may belong further up.
  let index = outbox.length;
  while (index > 0 && (outbox[index - 1]?.createdAt ?? '') > item.createdAt) index -= 1;
  outbox.splice(index, 0, item);
  draft.app.outbox = outbox;
}

export function changeOutboxItem(
  draft: Draft,
  clientId: string,
  status: OutboxItem['status'],
  problem: Problem | null,
): void {
  draft.app.outbox = draft.app.outbox.map((item) => {
    if (item.clientId !== clientId) return item;
    const { problem: _, ...rest } = item;
    return problem === null ? { ...rest, status } : { ...rest, status, problem };
  });
}

/** The server let go of a message that it held: I took it back somewhere, or it is refused for the reason given. */
export function dropHeld(draft: Draft, clientId: string, code: ErrorCode | undefined): void {
  if (code !== undefined) {
    const { detail } = errorCatalogue[code];
    return changeOutboxItem(draft, clientId, 'failed', { code, detail });
  }
  draft.app.outbox = draft.app.outbox.filter((item) => item.clientId !== clientId);
}

/** The first answer from `@to` names the conversation: everything kept under the name moves over. */
export function nameConversation(draft: Draft, to: string, conversationId: string): void {
  draft.setDirect(to, conversationId);
  draft.app.outbox = draft.app.outbox.map((item) =>
    item.conversationId === null && item.to === to ? { ...item, conversationId } : item,
  );
  const text = draft.app.drafts.get(`@${to}`);
  if (text === undefined) return;
  keepDraft(draft, `@${to}`, '');
  if (!draft.app.drafts.has(conversationId)) keepDraft(draft, conversationId, text);
}

export function keepDraft(draft: Draft, key: string, text: string): void {
  if ((draft.app.drafts.get(key) ?? '') === text) return;
  const drafts = new Map(draft.app.drafts);
  drafts.delete(key);
  if (text !== '') drafts.set(key, text);
  const oldest = drafts.keys().next();
  if (drafts.size > bounds.drafts && oldest.done !== true) drafts.delete(oldest.value);
  draft.app.drafts = drafts;
}

export function keepProfile(draft: Draft, profile: ProfileView): void {
  const profiles = new Map(draft.app.profiles);
  profiles.delete(profile.username);
  profiles.set(profile.username, profile);
  const oldest = profiles.keys().next();
  if (profiles.size > bounds.profiles && oldest.done !== true) profiles.delete(oldest.value);
  draft.app.profiles = profiles;
  if (profile.conversationId === undefined) return;
  draft.setDirect(profile.username, profile.conversationId);
  draft.setContact(profile.conversationId, profile.contact);
}

export function keepStanding(draft: Draft, username: string, standing: Standing): void {
  const profile = draft.app.profiles.get(username);
  if (profile !== undefined) {
    draft.app.profiles = new Map(draft.app.profiles).set(username, { ...profile, ...standing });
  }
  const conversationId = draft.known.directs.get(username);
  if (conversationId === undefined) return;
  draft.setContact(conversationId, standing.contact);
  draft.want({ want: 'conversation', conversationId });
}

export function keepGrants(draft: Draft, username: string, grants: Grants): void {
  const profile = draft.app.profiles.get(username);
  if (profile === undefined) return;
  draft.app.profiles = new Map(draft.app.profiles).set(username, { ...profile, grants });
}
