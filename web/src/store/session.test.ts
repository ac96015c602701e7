import { describe, expect, it } from 'vitest';
import { createMemoryBrowser } from '../platform/memory.ts';
import { FakeServer, fairWeather, json } from './test/fake-server.ts';
import { openLivePage, openPage } from './test/page.ts';

async function arrange() {
  const browser = createMemoryBrowser();
  const server = new FakeServer(browser.time);
  const me = server.addPerson('me');
  const sara = server.addPerson('sara');
  const talkId = server.addTalk(me, sara);
  const page = await openLivePage(server, browser, me.id);
  return { browser, time: browser.time, server, me, sara, talkId, ...page };
}

describe('coming and going', () => {
  it('a page without a session is signed out, and in after the right password', async () => {
    const { browser, time, server, me } = await arrange();
    server.signOut(me.id);
    const { store } = openPage(server, browser, me.id);
    await store.start();
    expect(store.getState().session).toBe('signed-out');
    const wrong = await store.signIn('@me', 'wrong');
    expect(wrong).toMatchObject({ ok: false, problem: { code: 'wrong_credentials' } });
    expect(await store.signIn('@me', 'right')).toEqual({ ok: true, value: 'done' });
    await time.advance(1_000);
    expect(store.getState()).toMatchObject({ session: 'signed-in', connection: 'online' });
    expect(store.getState().folders.inbox.order).toHaveLength(1);
  });

  it('asks again by itself when nobody answers at the start', async () => {
    const { browser, time, server, me } = await arrange();
    const page = openPage(server, browser, me.id);
    page.ports.goOnline(false);
    await page.store.start();
    expect(page.store.getState()).toMatchObject({ session: 'unknown', connection: 'offline' });
    page.ports.goOnline(true);
    await time.advance(1_000);
    expect(page.store.getState().session).toBe('signed-in');
  });

  it('signing out leaves no trace in this browser, nor in its other tabs', async () => {
    const { browser, time, server, me, talkId, store, ports } = await arrange();
    const other = await openLivePage(server, browser, me.id);
    ports.goOnline(false);
    store.send({ conversationId: talkId }, 'unsent');
    store.setDraft(talkId, 'half a tho');
    expect(browser.shelf.values.size).toBeGreaterThan(2);
    server.weather = { ...fairWeather, http: () => 'lost' };
    expect(await store.signOut()).toMatchObject({ ok: false, problem: { code: 'offline' } });
    server.weather = fairWeather;
    other.ports.goOnline(false);
    ports.goOnline(true);
    expect(await store.signOut()).toEqual({ ok: true, value: undefined });
    await time.advance(1_000);
    expect(browser.shelf.values.size).toBe(0);
    for (const tab of [store, other.store]) {
      const state = tab.getState();
      expect(state.session).toBe('signed-out');
      expect([state.me, state.conversations.size, state.outbox.length, state.drafts.size]).toEqual([
        null,
        0,
        0,
        0,
      ]);
    }
    expect(server.sockets.size).toBe(0);
    expect(time.pendingTimers()).toBe(0);
  });

  it('a session ended from another device empties the page at once', async () => {
    const { server, me, time, store } = await arrange();
    server.signOut(me.id);
    expect(store.getState().session).toBe('ended-elsewhere');
    expect(store.getState().conversations.size).toBe(0);
    await time.advance(60_000);
    expect(time.pendingTimers()).toBe(0);
    expect(server.sockets.size).toBe(0);
  });

  it('any answer of 401 ends it as well', async () => {
    const { server, store } = await arrange();
    server.weather = { ...fairWeather, http: () => json(401, { code: 'unauthenticated' }) };
    await store.listSessions();
    expect(store.getState().session).toBe('ended-elsewhere');
  });

  it('a wrong code for the second step does not', async () => {
    const { server, store } = await arrange();
    server.weather = { ...fairWeather, http: () => json(401, { code: 'INVALID_CODE' }) };
    expect(await store.confirmTotp('123456')).toMatchObject({
      problem: { code: 'wrong_credentials' },
    });
    expect(store.getState().session).toBe('signed-in');
  });

  it('what was unsent waits for the same person and for nobody else', async () => {
    const { browser, time, server, me, sara, talkId, store, ports } = await arrange();
    ports.goOnline(false);
    store.send({ conversationId: talkId }, 'mine alone');
    store.stop();
    const stranger = await openLivePage(server, browser, sara.id);
    await time.advance(1_000);
    expect(stranger.store.getState().outbox).toEqual([]);
    expect(server.talks.get(talkId)?.messages).toEqual([]);
    expect([...browser.shelf.values.values()].join(' ')).not.toContain('mine alone');
    expect(me.id).not.toBe(sara.id);
  });

  it('stopping leaves nothing running, and it can start again', async () => {
    const { server, sara, talkId, time, store } = await arrange();
    store.stop();
    expect(time.pendingTimers()).toBe(0);
    expect(server.sockets.size).toBe(0);
    server.say(talkId, sara.id, 'while you were away');
    void store.start();
    await time.advance(1_000);
    expect(store.getState().conversations.get(talkId)?.headSeq).toBe(1);
    store.stop();
    expect(time.pendingTimers()).toBe(0);
  });
});
