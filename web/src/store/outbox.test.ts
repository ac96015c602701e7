import { describe, expect, it } from 'vitest';
import { createMemoryBrowser } from '../platform/memory.ts';
import { bounds } from './limits.ts';
import { FakeServer, fairWeather, json, problem } from './test/fake-server.ts';
import { openLivePage, openPage } from './test/page.ts';

async function arrange() {
  const browser = createMemoryBrowser();
  const server = new FakeServer(browser.time);
  const me = server.addPerson('me');
  const sara = server.addPerson('sara');
  const talkId = server.addTalk(me, sara);
  server.say(talkId, sara.id, 'hello');
  const page = await openLivePage(server, browser, me.id);
  await page.store.openConversation(talkId);
  const texts = () => server.talks.get(talkId)?.messages.map((message) => message.text);
  return { browser, time: browser.time, server, me, sara, talkId, ...page, texts };
}

describe('a message on its way', () => {
  it('is shown at once and then stands in the conversation, never twice', async () => {
    const { store, talkId, time } = await arrange();
    const counts: number[] = [];
    const clientId = store.send({ conversationId: talkId }, 'hi');
    store.subscribe(() => {
      const { timelines, outbox } = store.getState();
      const shown = timelines.get(talkId)?.messages.filter((m) => m.clientId === clientId) ?? [];
      counts.push(shown.length + outbox.length);
    });
    expect(store.getState().outbox.map((item) => item.text)).toEqual(['hi']);
    await time.advance(100);
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(store.getState().timelines.get(talkId)?.messages.at(-1)?.text).toBe('hi');
    expect(store.getState().conversations.get(talkId)).toMatchObject({ readSeq: 2, unread: 0 });
  });

  it('stays visible while the hole before it is being filled', async () => {
    const { store, server, sara, talkId, time } = await arrange();
    server.weather = {
      ...fairWeather,
      message: () => 'lose',
      tick: () => 'later',
      latencyMs: () => 50,
    };
    server.say(talkId, sara.id, 'you did not hear this');
    const clientId = store.send({ conversationId: talkId }, 'hi');
    let leastShown = 1;
    store.subscribe(() => {
      const { timelines, outbox } = store.getState();
      const isThere = timelines.get(talkId)?.messages.some((m) => m.clientId === clientId) ?? false;
      leastShown = Math.min(leastShown, Number(isThere) + outbox.length);
    });
    await time.advance(1_000);
    expect(leastShown).toBe(1);
    expect(store.getState().outbox).toEqual([]);
    const seqs = store
      .getState()
      .timelines.get(talkId)
      ?.messages.map((message) => message.seq);
    expect(seqs).toEqual([1, 2, 3]);
  });

  it('waits for the network and goes by itself when it is back', async () => {
    const { store, ports, talkId, time, texts } = await arrange();
    ports.goOnline(false);
    store.send({ conversationId: talkId }, 'one');
    store.send({ conversationId: talkId }, 'two');
    await time.advance(60_000);
    expect(store.getState().outbox.map((item) => item.status)).toEqual(['queued', 'queued']);
    ports.goOnline(true);
    await time.advance(1_000);
    expect(texts()).toEqual(['hello', 'one', 'two']);
    expect(store.getState().outbox).toEqual([]);
  });

  it('arrives once although its answer was lost', async () => {
    const { store, server, talkId, time, texts } = await arrange();
    let posts = 0;
    server.weather = {
      ...fairWeather,
      message: () => 'lose',
      tick: () => 'later',
      http: (method) => (method === 'POST' && ++posts <= 2 ? 'unanswered' : 'answer'),
    };
    store.send({ conversationId: talkId }, 'once');
    await time.advance(30_000);
    expect(posts).toBe(3);
    expect(texts()).toEqual(['hello', 'once']);
    expect(store.getState().outbox).toEqual([]);
  });

  it('that is refused fails with the reason, lets the next one pass, and can be discarded', async () => {
    const { store, talkId, time, texts } = await arrange();
    const clientId = store.send({ conversationId: talkId }, 'refuse me');
    store.send({ conversationId: talkId }, 'but me');
    await time.advance(1_000);
    expect(texts()).toEqual(['hello', 'but me']);
    expect(store.getState().outbox).toMatchObject([
      {
        clientId,
        status: 'failed',
        problem: { code: 'not_accepting', detail: 'detail of not_accepting' },
      },
    ]);
    store.discard(clientId);
    expect(store.getState().outbox).toEqual([]);
  });

  it.each(['rate_limited', 'overloaded'])('told %s waits as long as it was told', async (code) => {
    const { store, server, talkId, time, texts } = await arrange();
    let isBusy = true;
    const status = code === 'rate_limited' ? 429 : 503;
    server.weather = {
      ...fairWeather,
      http: (method) => (method === 'POST' && isBusy ? problem(status, code, 20) : 'answer'),
    };
    store.send({ conversationId: talkId }, 'patience');
    await time.advance(1_000);
    isBusy = false;
    const askedOnce = server.requests.filter((line) => line.startsWith('POST')).length;
    await time.advance(17_000);
    expect(server.requests.filter((line) => line.startsWith('POST'))).toHaveLength(askedOnce);
    expect(store.getState().outbox).toMatchObject([{ status: 'queued' }]);
    await time.advance(3_000);
    expect(texts()).toEqual(['hello', 'patience']);
  });

  it('that the server fails on is tried five times, then the person is asked', async () => {
    const { store, server, talkId, time, texts } = await arrange();
    const broken = () => json(500, {});
    server.weather = {
      ...fairWeather,
      http: (method) => (method === 'POST' ? broken() : 'answer'),
    };
    const clientId = store.send({ conversationId: talkId }, 'try me');
    await time.advance(120_000);
    expect(server.requests.filter((line) => line.startsWith('POST'))).toHaveLength(5);
    expect(store.getState().outbox).toMatchObject([
      { status: 'failed', problem: { code: 'internal' } },
    ]);
    server.weather = fairWeather;
    store.retry(clientId);
    await time.advance(1_000);
    expect(texts()).toEqual(['hello', 'try me']);
  });

  it('survives a reload with the same client id', async () => {
    const { store, ports, server, browser, me, talkId, time, texts } = await arrange();
    server.weather = { ...fairWeather, http: (m) => (m === 'POST' ? 'unanswered' : 'answer') };
    const clientId = store.send({ conversationId: talkId }, 'still here');
    store.setDraft(talkId, 'and a dra');
    ports.goOnline(false);
    await time.advance(100);
    store.stop();
    server.weather = fairWeather;
    const reloaded = await openLivePage(server, browser, me.id);
    expect(reloaded.store.getState().drafts.get(talkId)).toBe('and a dra');
    await time.advance(1_000);
    expect(texts()).toEqual(['hello', 'still here']);
    expect(server.talks.get(talkId)?.messages.at(-1)?.clientId).toBe(clientId);
    expect(browser.shelf.values.has(`aside.outbox.${clientId}`)).toBe(false);
  });

  it('to a new person moves, with the draft, to the conversation it opened', async () => {
    const { store, server, browser, time } = await arrange();
    server.addPerson('new.friend');
    store.setDraft('@new.friend', 'second thought');
    store.send({ to: 'new.friend' }, 'first');
    store.send({ to: 'new.friend' }, 'second');
    expect(store.getState().outbox).toMatchObject([{ to: 'new.friend', conversationId: null }, {}]);
    await time.advance(1_000);
    const id = store.conversationWith('new.friend') ?? '';
    expect(server.talks.get(id)?.messages.map((m) => m.text)).toEqual(['first', 'second']);
    expect(
      store
        .getState()
        .timelines.get(id)
        ?.messages.map((m) => m.text),
    ).toEqual(['first', 'second']);
    expect([...store.getState().drafts]).toEqual([[id, 'second thought']]);
    expect([...browser.shelf.values.keys()].filter((key) => key.startsWith('aside.draft'))).toEqual(
      [`aside.draft.${id}`],
    );
    expect(store.getState().outbox).toEqual([]);
  });

  it('is sent by one tab only, and leaves the other one too', async () => {
    const { store, server, browser, me, talkId, time, texts } = await arrange();
    const other = await openLivePage(server, browser, me.id);
    await other.store.openConversation(talkId);
    server.weather = { ...fairWeather, latencyMs: () => 200 };
    for (const text of ['a', 'b', 'c']) store.send({ conversationId: talkId }, text);
    other.store.send({ conversationId: talkId }, 'x');
    await time.advance(30_000);
    const posts = server.requests.filter((line) => line.startsWith('POST'));
    expect(posts).toHaveLength(4);
    expect(texts()?.filter((text) => 'abc'.includes(text))).toEqual(['a', 'b', 'c']);
    for (const tab of [store, other.store]) {
      expect(tab.getState().outbox).toEqual([]);
      expect(tab.getState().timelines.get(talkId)?.messages).toHaveLength(5);
    }
  });

  it('written in a tab that was closed is sent by the tab that stays', async () => {
    const { store, ports, server, browser, me, talkId, time, texts } = await arrange();
    const other = openPage(server, browser, me.id);
    void other.store.start();
    await time.advance(1_000);
    ports.goOnline(false);
    store.send({ conversationId: talkId }, 'left behind');
    store.stop();
    await time.advance(1_000);
    expect(texts()).toEqual(['hello', 'left behind']);
    expect(other.store.getState().outbox).toEqual([]);
  });

  it('is one of at most two hundred; the next is refused on screen and not kept', async () => {
    const { store, ports, browser, talkId } = await arrange();
    ports.goOnline(false);
    for (let index = 0; index < bounds.outboxItems + 70; index += 1) {
      store.send({ conversationId: talkId }, `number ${index}`);
    }
    const { outbox } = store.getState();
    expect(outbox).toHaveLength(bounds.outboxItems + bounds.outboxOverflow);
    expect(outbox.filter((item) => item.status === 'queued')).toHaveLength(bounds.outboxItems);
    const kept = [...browser.shelf.values.keys()].filter((key) => key.startsWith('aside.outbox'));
    expect(kept).toHaveLength(bounds.outboxItems);
  });
});

describe('a message that the server holds back', () => {
  async function arrangeHeld() {
    const all = await arrange();
    const clientId = all.store.send({ conversationId: all.talkId }, 'hold me http://x.example');
    await all.time.advance(1_000);
    const items = () => all.store.getState().outbox;
    const posts = () =>
      all.server.requests.filter((line) => line.startsWith('POST') && line.endsWith('/messages'));
    return { ...all, clientId, items, posts };
  }

  it('waits, is not tried again, and lets the next one pass', async () => {
    const { store, talkId, time, texts, items, posts } = await arrangeHeld();
    store.send({ conversationId: talkId }, 'next');
    await time.advance(60_000);
    expect(items()).toMatchObject([{ status: 'held', problem: { code: 'held' } }]);
    expect(texts()).toEqual(['hello', 'next']);
    expect(posts()).toHaveLength(2);
  });

  it('survives a reload, and is not sent by it', async () => {
    const { store, server, browser, me, clientId, posts } = await arrangeHeld();
    store.stop();
    const reloaded = await openLivePage(server, browser, me.id);
    expect(reloaded.store.getState().outbox).toMatchObject([{ clientId, status: 'held' }]);
    expect(posts()).toHaveLength(1);
  });

  it('is shown on my other devices too', async () => {
    const { server, me, clientId, talkId, time } = await arrangeHeld();
    const phone = await openLivePage(server, { ...createMemoryBrowser(), time }, me.id);
    expect(phone.store.getState().outbox).toMatchObject([
      { clientId, conversationId: talkId, status: 'held' },
    ]);
  });

  it('gives its place to the message when that is released', async () => {
    const { server, me, time, texts, items, browser } = await arrangeHeld();
    server.release(me.id);
    await time.advance(100);
    expect(items()).toEqual([]);
    expect(texts()).toEqual(['hello', 'hold me http://x.example']);
    const kept = [...browser.shelf.values.keys()].filter((key) => key.startsWith('aside.outbox'));
    expect(kept).toEqual([]);
  });

  it('is found in its conversation when it was released while nobody listened', async () => {
    const { store, server, browser, me, time, items } = await arrangeHeld();
    store.stop();
    server.release(me.id);
    const reloaded = await openLivePage(server, browser, me.id);
    await time.advance(1_000);
    expect(reloaded.store.getState().outbox).toEqual([]);
    expect(items()).toHaveLength(1);
  });

  it('fails with the reason when it is refused after all', async () => {
    const { server, me, items } = await arrangeHeld();
    server.release(me.id, 'opted_out');
    expect(items()).toMatchObject([{ status: 'failed', problem: { code: 'opted_out' } }]);
  });

  it('can be taken back, and not merely be discarded here', async () => {
    const { store, server, me, time, clientId, texts, items } = await arrangeHeld();
    store.discard(clientId);
    expect(items()).toHaveLength(1);
    expect(await store.takeBackHeld(clientId)).toEqual({ ok: true, value: undefined });
    expect(items()).toEqual([]);
    server.release(me.id);
    await time.advance(100);
    expect(texts()).toEqual(['hello']);
  });

  it('taken back on another device is not sent by this one', async () => {
    const { store, server, browser, me, time, texts, clientId } = await arrangeHeld();
    store.stop();
    me.held.delete(clientId);
    const reloaded = await openLivePage(server, browser, me.id);
    await time.advance(60_000);
    expect(reloaded.store.getState().outbox).toMatchObject([{ clientId, status: 'failed' }]);
    expect(texts()).toEqual(['hello']);
  });
});

describe('a refusal', () => {
  it('keeps until when it holds, also over a reload', async () => {
    const { store, server, browser, me, talkId, time } = await arrange();
    const until = '2026-12-01T00:00:00.000Z';
    server.weather = {
      ...fairWeather,
      http: (method) =>
        method === 'POST' ? json(429, { code: 'slow_down', detail: 'x', until }) : 'answer',
    };
    store.send({ conversationId: talkId }, 'one of many');
    await time.advance(1_000);
    const expected = [{ status: 'failed', problem: { code: 'slow_down', until } }];
    expect(store.getState().outbox).toMatchObject(expected);
    store.stop();
    server.weather = fairWeather;
    const reloaded = await openLivePage(server, browser, me.id);
    expect(reloaded.store.getState().outbox).toMatchObject(expected);
  });

  it('is followed by a look at how the two stand now', async () => {
    const { store, server, talkId, time } = await arrange();
    server.contact = { allowed: false, arrives: null, code: 'request_pending' };
    store.send({ conversationId: talkId }, 'refuse me');
    await time.advance(1_000);
    expect(store.getState().timelines.get(talkId)?.contact?.code).toBe('request_pending');
  });
});
