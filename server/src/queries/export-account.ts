import type { ConversationId, PersonId } from '../base/ids.ts';
import type { Families } from '../storage/families.ts';
import { listInboxChanges } from '../storage/inbox.ts';
import { readMessages } from '../storage/messages.ts';
import { findPersonCards } from '../storage/people.ts';
import { listFollowed } from '../storage/relations.ts';
import { showConversations } from './show-conversations.ts';
import { viewBlocks, viewMe, viewSettings } from './view-person.ts';

const rowsAtOnce = 200;

/**
 * Everything this account can see of its own, as the pieces of one JSON document: profile, settings, whom it
 * follows and blocks, and every conversation with its messages. Read page by page, so memory stays flat; what is
 * sent meanwhile may or may not be in it.
 */
export async function* exportAccount(
  families: Families,
  viewerId: PersonId,
): AsyncGenerator<string, void, void> {
  const [me, settings, blocks] = await Promise.all([
    viewMe(families, viewerId),
    viewSettings(families, viewerId),
    viewBlocks(families, viewerId),
  ]);
  yield `{"me":${JSON.stringify(me)},"settings":${JSON.stringify(settings)},"blocks":${JSON.stringify(blocks)},"follows":[`;
  yield* exportFollows(families, viewerId);
  yield '],"conversations":[';
  yield* exportConversations(families, viewerId);
  yield ']}\n';
}

async function* exportFollows(families: Families, viewerId: PersonId): AsyncGenerator<string> {
  let after: PersonId | '0' = '0';
  let comma = '';
  for (;;) {
    const ids = await listFollowed(families.person, viewerId, after, rowsAtOnce);
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
  families: Families,
  viewerId: PersonId,
): AsyncGenerator<string> {
  let pos = 0;
  let comma = '';
  for (;;) {
    const rows = await listInboxChanges(families.person, viewerId, pos, rowsAtOnce);
    for (const conversation of await showConversations(families, viewerId, rows)) {
      yield `${comma}{"conversation":${JSON.stringify(conversation)},"messages":[`;
      yield* exportMessages(families, conversation.id as ConversationId);
      yield ']}';
      comma = ',';
    }
    const last = rows.at(-1);
    if (!last) return;
    pos = last.pos;
  }
}

/** The caller has shown that the conversation is in the viewer's own inbox. */
async function* exportMessages(families: Families, id: ConversationId): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const messages = await readMessages(families.conversation, id, { after }, rowsAtOnce);
    const last = messages.at(-1);
    if (!last) return;
    const text = messages.map((message) => JSON.stringify(message)).join(',');
    yield after === 0 ? text : `,${text}`;
    after = last.seq;
  }
}
