import type { Origin, PersonKind } from '@aside/protocol';
import type { PersonId, SessionId } from '../../base/ids.ts';

/** Who asks, as the session door found it. */
export interface Viewer {
  readonly personId: PersonId;
  /** Of a key: `key:` and its id, which no session has. */
  readonly sessionId: SessionId;
  /** Milliseconds since 1970 by our clock; a key never expires. */
  readonly expiresAt: number;
  readonly via: 'cookie' | 'bearer' | 'key';
  /** How what they send is made: by the person in a session of their own, or by a program with a key. */
  readonly origin: Origin;
  /** By the operator: reads, but may not send. */
  readonly suspended: boolean;
  readonly kind: PersonKind;
}

/** What a send takes over from whoever asks for it. */
export function sendingAs(
  viewer: Pick<Viewer, 'personId' | 'origin' | 'suspended' | 'kind'>,
): SendingAs {
  return {
    senderId: viewer.personId,
    origin: viewer.origin,
    senderSuspended: viewer.suspended,
    senderKind: viewer.kind,
  };
}

export interface SendingAs {
  senderId: PersonId;
  origin: Origin;
  senderSuspended: boolean;
  senderKind: PersonKind;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: nobody, or a session that has ended. Set before any handler runs. */
    viewer: Viewer | null;
  }
}
