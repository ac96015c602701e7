import { createNet } from '../../net/create-net.ts';
import { createMemoryPorts, type MemoryBrowser, type MemoryPorts } from '../../platform/memory.ts';
import { createStore } from '../create-store.ts';
import type { AppStore } from '../model.ts';
import type { FakeServer } from './fake-server.ts';

// One tab of one browser, looking at the fake server.

export interface Page {
  store: AppStore;
  ports: MemoryPorts;
}

export function openPage(server: FakeServer, browser: MemoryBrowser, personId: string): Page {
  const ports = createMemoryPorts(browser, server.browserOf(personId), () => 0.5);
  const store = createStore({ ...ports, net: (owner) => createNet(ports, owner) });
  return { store, ports };
}

/** The same, signed in, with the inbox loaded and the socket live. */
export async function openLivePage(
  server: FakeServer,
  browser: MemoryBrowser,
  personId: string,
): Promise<Page> {
  const page = openPage(server, browser, personId);
  void page.store.start();
  await browser.time.advance(1_000);
  return page;
}
