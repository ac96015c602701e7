import type { ConversationId, PersonId } from '../base/ids.ts';
import { findYoungestConversation, listInboxByConversation } from '../storage/inbox.ts';
import { readMessages } from '../storage/messages.ts';
import { findPersonCards } from '../storage/people.ts';
import { listRelated, type Listing } from '../storage/relations.ts';
import type { Reader } from './reader.ts';
import { exportConsents, exportLedger } from './view-consent.ts';
import { showConversations } from './show-conversations.ts';
import { showMessages } from './show-messages.ts';
import { viewMe, viewSettings } from './view-person.ts';

const rowsAtOnce = 200;

/**
 * Everything this account can see of its own, as the pieces of one JSON document: profile, settings, whom it
 * follows, blocks and mutes, and every conversation with its messages, each once. Read page by page, so memory
 * stays flat; conversations that begin meanwhile are left out, and of the others what is sent after their turn.
 */
export async function* exportAccount(
  reader: Reader,
  viewerId: PersonId,
): AsyncGenerator<string, void, void> {
  const { families } = reader;
  const [me, settings, youngest] = await Promise.all([
    viewMe(families, viewerId),
    viewSettings(families, viewerId),
    findYoungestConversation(families.person, viewerId),
  ]);
  yield `{"me":${JSON.stringify(me)},"settings":${JSON.stringify(settings)}`;
  for (const [name, listing] of [
    ['blocks', 'block'],
    ['mutes', 'mute'],
    ['follows', 'follow'],
  ] as const) {
    yield `,"${name}":[`;
    yield* exportRelated(reader, viewerId, listing);
    yield ']';
  }
  yield ',"consents":[';
  yield* exportConsents(reader, viewerId);
  yield '],"ledger":[';
  yield* exportLedger(reader, viewerId);
  yield ']';
  yield ',"conversations":[';
  if (youngest !== null) yield* exportConversations(reader, viewerId, youngest);
  yield ']}\n';
}

async function* exportRelated(
  { families }: Reader,
  viewerId: PersonId,
  listing: Listing,
): AsyncGenerator<string> {
  let after: PersonId | '0' = '0';
  let comma = '';
  for (;;) {
    const ids = await listRelated(families.person, viewerId, listing, after, rowsAtOnce);
    const cards = await findPersonCards(families.person, ids);
    for (const id of ids) {
      const card = cards.get(id);
      if (!card || card.username === '') continue;
      yield comma + JSON.stringify(card);
      comma = ',';
    }
    const last = ids.at(-1);
    if (!last) return;
    after = last;
  }
}

async function* exportConversations(
  reader: Reader,
  viewerId: PersonId,
  upTo: ConversationId,
): AsyncGenerator<string> {
  let after: ConversationId | '0' = '0';
  let comma = '';
  for (;;) {
    const range = { after, upTo };
    const rows = await listInboxByConversation(reader.families.person, viewerId, range, rowsAtOnce);
    for (const conversation of await showConversations(reader, viewerId, rows)) {
      if (conversation.folder === 'closed') continue;
      yield `${comma}{"conversation":${JSON.stringify(conversation)},"messages":[`;
      yield* exportMessages(
        reader,
        viewerId,
        conversation.id as ConversationId,
        conversation.headSeq,
      );
      yield ']}';
      comma = ',';
    }
    const last = rows.at(-1);
    if (!last) return;
    after = last.conversationId;
  }
}

/** The caller has shown that the conversation is in the viewer's own inbox. Ends at `headSeq`, whoever goes on writing. */
async function* exportMessages(
  reader: Reader,
  viewerId: PersonId,
  id: ConversationId,
  headSeq: number,
): AsyncGenerator<string> {
  let after = 0;
  while (after < headSeq) {
    const limit = Math.min(rowsAtOnce, headSeq - after);
    const found = await readMessages(reader.families.conversation, id, { after }, limit);
    const last = found.at(-1);
    if (!last) return;
    const messages = await showMessages(reader, viewerId, found);
    const text = messages.map((message) => JSON.stringify(message)).join(',');
    yield after === 0 ? text : `,${text}`;
    after = last.seq;
  }
}
