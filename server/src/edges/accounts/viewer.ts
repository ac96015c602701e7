import type { PersonId, SessionId } from '../../base/ids.ts';

/** Who asks, as the session door found it. */
export interface Viewer {
  readonly personId: PersonId;
  readonly sessionId: SessionId;
  /** Milliseconds since 1970 by our clock. */
  readonly expiresAt: number;
  readonly via: 'cookie' | 'bearer';
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: nobody, or a session that has ended. Set before any handler runs. */
    viewer: Viewer | null;
  }
}
