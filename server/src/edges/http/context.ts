import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isId, type ConversationId, type PersonId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Sender } from '../../actions/send-message.ts';
import type { World } from '../../actions/world.ts';
import type { Viewer } from '../accounts/viewer.ts';

/** What every resource file gets. */
export interface HttpContext {
  world: World;
  sender: Sender;
  /** Resolves when inbox rows that are due for this person are written: what was sent is then in the list. */
  settled(personId: PersonId): Promise<void>;
}

/** Who asks. Refuses `unauthenticated` for nobody and for an ended session. */
export function viewerOf(request: FastifyRequest): Viewer {
  if (!request.viewer) throw new Refusal('unauthenticated');
  return request.viewer;
}

/**
 * A route's onRequest or preHandler, for what only the person themselves may do: security, consent, the account.
 * Refuses `session_required` for an API key.
 */
export async function requireSession(request: FastifyRequest): Promise<void> {
  if (viewerOf(request).origin !== 'interactive') throw new Refusal('session_required');
}

/** True when bytes follow the headers of this request. */
export function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** A conversation id from a path; one that cannot exist is answered like one that does not. */
export function conversationIdOf(text: string): ConversationId {
  if (!isId(text)) throw new Refusal('not_found');
  return text as ConversationId;
}

export const usernameParams = Type.Object({ username: Type.String() });
export const conversationParams = Type.Object({ id: Type.String() });
export const nothing = Type.Null({ description: 'No content.' });
export interface UsernameParams {
  username: string;
}
export interface ConversationParams {
  id: string;
}
