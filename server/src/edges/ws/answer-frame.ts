import type { ClientFrame } from '@aside/protocol';
import type { ConversationId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { markRead } from '../../actions/mark-read.ts';
import type { SendCommand } from '../../actions/send-message.ts';
import { catchUp, positionOf } from '../../queries/catch-up.ts';
import { viewMe } from '../../queries/view-person.ts';
import { findTypingSharers } from '../../storage/settings.ts';
import { conversationVisibleTo } from '../../storage/visible.ts';
import { sendingAs } from '../accounts/viewer.ts';
import { conversationIdOf } from '../http/context.ts';
import type { GreetedSocket, SocketContext } from './context.ts';

// What each frame of a greeted socket asks for. Failures are thrown as refusals; the connection answers them.

/** Says who is signed in and from where on the device is up to date; with a `pos`, first what it missed. */
export async function welcome(
  context: SocketContext,
  socket: GreetedSocket,
  pos: number | undefined,
): Promise<void> {
  const { families } = context.world;
  await context.settled(socket.personId);
  const [me, newest] = await Promise.all([
    viewMe(families, socket.personId),
    positionOf(context.world, socket.personId),
  ]);
  context.live.begin(socket.personId, newest);
  socket.send({ t: 'welcome', me, pos: newest });
  // A position from the future belongs to another server or a restored backup: everything is sent again.
  let after = pos === undefined ? newest : pos > newest ? 0 : pos;
  // Who has hung up needs none of it, and could have it read over and over by coming and going.
  while (after < newest && !socket.isClosed()) {
    const page = await catchUp(context.world, socket.personId, after);
    // One page at a time: a slow reader who is far behind would otherwise be cut off, and be as far behind again.
    await socket.sendThrough({ t: 'inbox', ...page });
    if (page.rows.length === 0) return;
    after = page.pos;
  }
}

export async function answerFrame(
  context: SocketContext,
  socket: GreetedSocket,
  frame: Exclude<ClientFrame, { t: 'send' }>,
): Promise<void> {
  switch (frame.t) {
    case 'hello':
      throw new Refusal('invalid', 'This socket has said hello already.');
    case 'ping':
      return socket.send({ t: 'pong' });
    case 'read':
      await markRead(
        context.world,
        socket.personId,
        conversationIdOf(frame.conversationId),
        frame.seq,
      );
      return;
    case 'typing':
      return passOnTyping(context, socket, conversationIdOf(frame.conversationId));
  }
}

/** Resolves when the send is acknowledged; rejects with what refused it. */
export async function answerSend(
  context: SocketContext,
  socket: GreetedSocket,
  frame: ClientFrame & { t: 'send' },
): Promise<void> {
  const { message, arrived } = await context.sender.send({
    ...sendingAs(socket),
    to: recipientOf(frame),
    clientId: frame.clientId,
    text: frame.text,
    ...(frame.purpose === undefined ? {} : { purpose: frame.purpose }),
  });
  socket.send({
    t: 'ack',
    clientId: frame.clientId,
    conversationId: message.conversationId,
    seq: message.seq,
    id: message.id,
    createdAt: message.createdAt,
    arrived,
  });
}

function recipientOf(frame: ClientFrame & { t: 'send' }): SendCommand['to'] {
  if ((frame.to === undefined) === (frame.conversationId === undefined)) {
    throw new Refusal('invalid', 'A send names either “to” or “conversationId”.');
  }
  if (frame.conversationId !== undefined)
    return { conversationId: conversationIdOf(frame.conversationId) };
  return { username: frame.to! };
}

/**
 * Only where both have accepted each other, never to somebody who blocks the writer or is blocked, and only among those who
 * share that they write: who switched it off neither gives nor gets it.
 */
async function passOnTyping(
  context: SocketContext,
  socket: GreetedSocket,
  conversationId: ConversationId,
): Promise<void> {
  const seen = await conversationVisibleTo(context.world, socket.personId, conversationId);
  const isMutual = seen.members.every(
    (member) => member.contact === 'accepted' && !member.blocks && !member.gone,
  );
  if (!isMutual) return;
  const memberIds = seen.members.map((member) => member.personId);
  const sharers = await findTypingSharers(context.world.families.person, memberIds);
  if (sharers.has(socket.personId))
    context.tellTyping(conversationId, socket.personId, [...sharers]);
}
