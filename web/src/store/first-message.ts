import type { Message } from '@aside/protocol';
import type { Core } from './core.ts';
import type { AppStore, Outcome, Timeline } from './model.ts';
import { nameOf } from './people.ts';

// A first message: what would become of it before it is sent, and the one correction afterwards.

type FirstMessageActions = Pick<AppStore, 'editMessage' | 'checkFirstMessage'>;

export function createFirstMessageActions(core: Core): FirstMessageActions {
  return {
    editMessage: (conversationId, seq, text) => editMessage(core, conversationId, seq, text),
    checkFirstMessage: (username, text, signal) =>
      core.net.api.check(nameOf(username), text, signal),
  };
}

/** The seq of the message that may still be corrected: my only one, not answered and not corrected before. */
export function editableSeq(timeline: Timeline, myId: string): number | null {
  if (timeline.contact?.code !== 'request_pending' || timeline.hasAfter) return null;
  const last = timeline.messages.at(-1);
  return last?.senderId === myId && last.editedAt === undefined ? last.seq : null;
}

async function editMessage(
  core: Core,
  conversationId: string,
  seq: number,
  text: string,
): Promise<Outcome<Message>> {
  const signal = core.sessionSignal();
  const before = findMessage(core, conversationId, seq);
  if (before !== null) core.dispatch({ type: 'edit-began', before, text });
  const answer = await core.net.api.editMessage(conversationId, seq, text);
  if (signal.aborted) return answer.ok ? { ok: true, value: answer.value.message } : answer;
  if (!answer.ok) {
    if (before !== null) core.dispatch({ type: 'edit-failed', before });
    return answer;
  }
  core.dispatch({ type: 'edited', message: answer.value.message });
  return { ok: true, value: answer.value.message };
}

function findMessage(core: Core, conversationId: string, seq: number): Message | null {
  const { timelines, conversations } = core.app;
  const shown = timelines.get(conversationId)?.messages.find((message) => message.seq === seq);
  if (shown !== undefined) return shown;
  const last = conversations.get(conversationId)?.lastMessage;
  return last?.seq === seq ? last : null;
}
