import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../../base/log.ts';
import { addressKey } from '../accounts/window-limit.ts';

// How many connections there may be: altogether, and from one address.

export interface AddressGate {
  /** Counts one more of this address and answers what takes it back; null: the address has as many as it may. */
  enter(address: string): (() => void) | null;
}

/**
 * An IPv6 address stands for its /64. This machine itself is not counted: a proxy on it speaks for everybody, and who
 * runs programs on it could do worse.
 */
export function createAddressGate(perAddress: number): AddressGate {
  const counts = new Map<string, number>();
  return {
    enter(address) {
      const key = addressKey(address);
      if (key === '127.0.0.1' || key === ownIpv6) return () => {};
      const count = counts.get(key) ?? 0;
      if (count >= perAddress) return null;
      counts.set(key, count + 1);
      return () => {
        const left = counts.get(key)! - 1;
        if (left > 0) counts.set(key, left);
        else counts.delete(key);
      };
    },
  };
}

const ownIpv6 = addressKey('::1');

/**
 * Closes connections beyond the bounds before anything is read from them. `gate` null: all come from a proxy, which
 * alone knows their addresses.
 */
export function boundConnections(
  server: Server,
  { max, gate, log }: { max: number; gate: AddressGate | null; log: Log },
): void {
  server.maxConnections = mostConnections(max);
  let toldAt = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (performance.now() - toldAt < toldEveryMs) return;
    toldAt = performance.now();
    log.warn(
      { max: server.maxConnections },
      'connections are turned away: as many are open as there may be',
    );
  });
  if (!gate) return;
  server.on('connection', (socket: Socket) => {
    const leave = gate.enter(socket.remoteAddress ?? '');
    if (leave) socket.once('close', leave);
    else socket.destroy();
  });
}

const toldEveryMs = 60_000;
/** Open files kept for the databases, mails and the page. */
const filesKept = 300;

/** Each connection is an open file, and of these the system allows only so many. */
function mostConnections(max: number): number {
  try {
    const allowed = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return allowed ? Math.max(100, Math.min(max, Number(allowed[1]) - filesKept)) : max;
  } catch {
    // Not on Linux.
    return max;
  }
}
