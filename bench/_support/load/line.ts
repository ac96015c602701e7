// What the closed loop needs of a protocol. Every contestant is measured by the same loop; only this part differs.

/** A sender that keeps messages in flight. */
export interface Line {
  /** Sends one message per id, in one write. */
  post(ids: readonly string[]): void;
}

/** Called with the ids of messages that a recipient's socket has received, once per chunk read. */
export type Receive = (ids: readonly string[]) => void;

/** The text of every message, 120 bytes. */
export const body = 'x'.repeat(120);
