import type { ServerFrame } from '@aside/protocol';

/** A frame as it travels; written once for all sockets that get it. */
export function encode(frame: ServerFrame): Buffer {
  return Buffer.from(JSON.stringify(frame));
}
