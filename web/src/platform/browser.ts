import { createMemoryStorage } from './memory-storage.ts';
import type { KeyValueStore, Locks, Ports, SocketConnection, SocketEvents } from './ports.ts';

// The ports on top of what a browser offers.

export function createBrowserPorts(): Ports {
  return {
    clock: { now: () => Date.now() },
    scheduler: {
      after(delayMs, task) {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
    },
    storage: openStorage(),
    locks: openLocks(),
    network: {
      isOnline: () => navigator.onLine,
      watch(listener) {
        const online = () => listener(true);
        const offline = () => listener(false);
        addEventListener('online', online);
        addEventListener('offline', offline);
        return () => {
          removeEventListener('online', online);
          removeEventListener('offline', offline);
        };
      },
    },
    visibility: {
      isVisible: () => document.visibilityState === 'visible',
      watch(listener) {
        const changed = () => listener(document.visibilityState === 'visible');
        // Safari may close a page without a visibilitychange.
        const leaving = () => listener(false);
        document.addEventListener('visibilitychange', changed);
        addEventListener('pagehide', leaving);
        return () => {
          document.removeEventListener('visibilitychange', changed);
          removeEventListener('pagehide', leaving);
        };
      },
    },
    fetch: (path, init) => fetch(path, init),
    openSocket,
    random: () => Math.random(),
    newUuid,
  };
}

function openStorage(): KeyValueStore {
  let area: Storage;
  try {
    area = localStorage;
    area.getItem('aside.probe');
  } catch {
    // Storage is switched off: everything works until the tab closes.
    return createMemoryStorage();
  }
  return {
    get: (key) => area.getItem(key),
    set(key, value) {
      try {
        area.setItem(key, value);
        return true;
      } catch {
        return false;
      }
    },
    remove: (key) => area.removeItem(key),
    keys: (prefix) => Object.keys(area).filter((key) => key.startsWith(prefix)),
    watch(listener) {
      const changed = (event: StorageEvent) => {
        if (event.storageArea === area && event.key !== null) listener(event.key, event.newValue);
      };
      addEventListener('storage', changed);
      return () => removeEventListener('storage', changed);
    },
  };
}

function openLocks(): Locks | null {
  // Absent outside secure contexts, such as http on a local network.
  const manager = navigator.locks as LockManager | undefined;
  if (manager === undefined) return null;
  return {
    hold: async (name, signal, work) => await manager.request(name, { signal }, work),
  };
}

function openSocket(path: string, events: SocketEvents): SocketConnection {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  let isClosed = false;
  socket.addEventListener('open', () => events.opened());
  socket.addEventListener('message', (event) => {
    if (typeof event.data === 'string') events.text(event.data);
  });
  socket.addEventListener('close', (event) => closeOnce(event.code));
  function closeOnce(code: number): void {
    if (isClosed) return;
    isClosed = true;
    events.closed(code);
  }
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      socket.close();
      // A dead network lets the browser wait a minute for the other side's goodbye; we do not.
      closeOnce(1000);
    },
    bufferedBytes: () => socket.bufferedAmount,
  };
}

/** crypto.randomUUID exists in secure contexts only; getRandomValues exists everywhere. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
