import type { FastifyReply } from 'fastify';

/**
 * Calls `end` once: when the answer has left, or when it never will. An answer that waits behind another one of its
 * connection hears nothing of the connection's end, so that is listened to as well.
 */
export function whenOver({ raw: answer, request }: FastifyReply, end: () => void): void {
  const { socket } = request.raw;
  const over = (): void => {
    answer.off('finish', over).off('close', over);
    socket.off('close', over);
    end();
  };
  answer.once('finish', over).once('close', over);
  socket.once('close', over);
  if (socket.destroyed) over();
}
