// What the closed loop needs of a protocol. Every contestant is measured by the same loop; only this part differs.

/** One sender and one recipient with a socket each. */
export interface Line {
  /** Sends one message per id from the sender to the recipient, in one write. */
  post(ids: readonly string[]): void;
  /** Set by the loop: the ids of messages that the recipient's socket has received, per chunk read. */
  onReceived: (ids: readonly string[]) => void;
  close(): void;
}

/** The text of every message, 120 bytes. */
export const body = 'x'.repeat(120);
