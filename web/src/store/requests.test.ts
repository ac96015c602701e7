import { describe, expect, it } from 'vitest';
import { createMemoryBrowser } from '../platform/memory.ts';
import { editableSeq } from './first-message.ts';
import { bounds } from './limits.ts';
import { FakeServer, fairWeather, problem } from './test/fake-server.ts';
import { openLivePage } from './test/page.ts';

async function arrange(requests = ['hello']) {
  const browser = createMemoryBrowser();
  const server = new FakeServer(browser.time);
  const me = server.addPerson('me');
  const ids: string[] = [];
  for (const [index, text] of requests.entries()) {
    await browser.time.advance(10);
    ids.push(server.addRequest(server.addPerson(`stranger${index}`), me, text));
  }
  const page = await openLivePage(server, browser, me.id);
  const { store } = page;
  const list = (name: 'inbox' | 'offers' | 'requests' | 'quiet') => [
    ...store.getState().folders[name].order,
  ];
  const counts = () => store.getState().requestCounts;
  const otherOf = (id: string) =>
    server.talks.get(id)?.members.find((member) => member !== me.id) ?? '';
  const firstId = ids[0] ?? '';
  return { browser, time: browser.time, server, me, ids, firstId, ...page, list, counts, otherOf };
}

describe('a request', () => {
  it('stands in its own list, is counted, and is no unread conversation', async () => {
    const { store, list, counts, firstId } = await arrange();
    expect(list('requests')).toEqual([firstId]);
    expect(list('inbox')).toEqual([]);
    expect(counts()).toEqual({ waiting: 1, quiet: 0 });
    expect(store.getState().unreadConversations).toBe(0);
    expect(store.getState().conversations.get(firstId)?.request?.person.username).toBe('stranger0');
  });

  it('that arrives is nowhere until its row has said whether it is quiet', async () => {
    const { store, server, me, time, list, counts } = await arrange([]);
    const seen = new Set<string>();
    store.subscribe(() => {
      const { unreadConversations } = store.getState();
      seen.add(`${list('inbox').length} ${unreadConversations} ${counts().waiting}`);
    });
    server.weather = { ...fairWeather, latencyMs: () => 50 };
    const id = server.addRequest(server.addPerson('stranger'), me, 'buy this', true);
    await time.advance(1_000);
    expect([...seen]).toEqual(['0 0 0']);
    expect(counts()).toEqual({ waiting: 0, quiet: 1 });
    expect(store.getState().conversations.get(id)).toMatchObject({
      quiet: true,
      quietReasons: ['link'],
    });
  });

  it('that is quiet is loaded when somebody looks, and not before', async () => {
    const { store, server, me, time, list, counts } = await arrange([]);
    const ids: string[] = [];
    for (const index of [0, 1]) {
      await time.advance(10);
      ids.push(server.addRequest(server.addPerson(`quiet${index}`), me, 'psst', true));
    }
    await time.advance(1_000);
    expect(list('quiet')).toEqual([]);
    expect(counts()).toEqual({ waiting: 0, quiet: 2 });
    expect(server.requests.join(' ')).not.toContain('quiet=true');
    await store.loadMoreInbox('quiet');
    expect(list('quiet')).toEqual(ids.toReversed());
    expect(list('requests')).toEqual([]);
  });

  it('is not marked as read by looking at it, and is once it was accepted', async () => {
    const { store, server, time, firstId } = await arrange();
    await store.openConversation(firstId);
    store.markRead(firstId, 1);
    await time.advance(1_000);
    expect(server.frames.filter(({ frame }) => frame.t === 'read')).toEqual([]);
    await store.acceptRequest(firstId);
    store.markRead(firstId, 1);
    await time.advance(1_000);
    expect(server.frames.filter(({ frame }) => frame.t === 'read')).toHaveLength(1);
  });

  it('accepted stands in the inbox in the same moment', async () => {
    const { store, server, list, counts, firstId, me } = await arrange();
    const asked = server.requests.length;
    const accepting = store.acceptRequest(firstId);
    expect(list('inbox')).toEqual([firstId]);
    expect(list('requests')).toEqual([]);
    expect(counts()).toEqual({ waiting: 0, quiet: 0 });
    expect(store.getState().conversations.get(firstId)).toMatchObject({ state: 'accepted' });
    expect(await accepting).toMatchObject({ ok: true, value: { folder: 'inbox' } });
    expect(server.requests.slice(asked)).toEqual([`POST /api/conversations/${firstId}/accept`]);
    expect(server.rowOf(me.id, firstId).readSeq).toBe(0);
  });

  it('answered is accepted', async () => {
    const { store, list, firstId, time } = await arrange();
    store.send({ conversationId: firstId }, 'nice to meet you');
    await time.advance(1_000);
    expect(list('inbox')).toEqual([firstId]);
    const row = store.getState().conversations.get(firstId);
    expect(row).toMatchObject({ state: 'accepted' });
    expect(row).not.toHaveProperty('request');
  });

  it('declined is gone, and an older page does not bring it back', async () => {
    const { store, server, me, time, list, firstId, otherOf } = await arrange();
    expect(await store.declineRequest(firstId)).toEqual({ ok: true, value: undefined });
    await time.advance(100);
    expect(list('requests')).toEqual([]);
    expect(store.getState().conversations.has(firstId)).toBe(false);
    const old = { ...server.rowOf(me.id, firstId), folder: 'requests' as const, pos: 1 };
    server.push(me.id, { t: 'inbox', rows: [old], pos: me.pos, more: false });
    expect(list('requests')).toEqual([]);
    server.say(firstId, otherOf(firstId), 'three months later');
    await time.advance(100);
    expect(list('requests')).toEqual([firstId]);
  });

  it('that cannot be decided now comes back with the reason', async () => {
    const { store, server, list, counts, firstId } = await arrange();
    server.weather = {
      ...fairWeather,
      http: (method) => (method === 'POST' ? problem(503, 'overloaded') : 'answer'),
    };
    for (const decide of [store.acceptRequest, store.declineRequest, store.blockRequest]) {
      const deciding = decide(firstId);
      expect(list('requests')).toEqual([]);
      expect(await deciding).toMatchObject({ ok: false, problem: { code: 'overloaded' } });
      expect(list('requests')).toEqual([firstId]);
      expect(list('inbox')).toEqual([]);
      expect(counts()).toEqual({ waiting: 1, quiet: 0 });
      expect(store.getState().conversations.get(firstId)).toMatchObject({
        state: 'pending',
        request: { person: { username: 'stranger0' } },
      });
    }
  });

  it('decided on another device leaves here too', async () => {
    const { store, server, me, time, list, ids } = await arrange(['a', 'b']);
    const [first = '', second = ''] = ids;
    await store.openConversation(first);
    server.decide(me.id, first, 'decline');
    server.decide(me.id, second, 'accept');
    await time.advance(100);
    expect(list('requests')).toEqual([]);
    expect(list('inbox')).toEqual([second]);
    expect(store.getState().timelines.get(first)).toMatchObject({
      status: 'failed',
      messages: [],
      problem: { code: 'not_found' },
    });
  });

  it('is one of many decided at once; those that were none any more are named', async () => {
    const { store, server, me, time, list, ids } = await arrange(['a', 'b', 'c']);
    const [first = '', second = '', third = ''] = ids;
    server.weather = { ...fairWeather, tick: () => 'later' };
    server.decide(me.id, second, 'decline');
    const deciding = store.decideRequests([first, second], 'accept');
    expect(list('requests')).toEqual([third]);
    expect(await deciding).toEqual({ ok: true, value: { gone: [second], failed: [] } });
    await time.advance(1_000);
    expect(list('requests')).toEqual([third]);
    expect(list('inbox')).toEqual([first]);
  });

  it('beyond the loaded pages is counted right after every decision', async () => {
    const many = Array.from({ length: bounds.inboxPage + 5 }, () => 'hello');
    const { store, server, me, time, list, counts, ids } = await arrange(many);
    expect(list('requests')).toHaveLength(bounds.inboxPage);
    expect(counts().waiting).toBe(bounds.inboxPage + 5);
    await store.declineRequest(ids.at(-1) ?? '');
    expect(counts().waiting).toBe(bounds.inboxPage + 4);
    server.decide(me.id, ids[0] ?? '', 'decline');
    await time.advance(1_000);
    expect(counts().waiting).toBe(bounds.inboxPage + 3);
  });
});

describe('a conversation that was accepted', () => {
  it('goes back to the requests when that is taken back', async () => {
    const { store, list, firstId } = await arrange();
    await store.acceptRequest(firstId);
    const takingBack = store.unacceptConversation(firstId);
    expect(list('requests')).toEqual([firstId]);
    expect(await takingBack).toMatchObject({ ok: true, value: { state: 'none' } });
    expect(list('inbox')).toEqual([]);
    expect(list('requests')).toEqual([firstId]);
  });

  it('is listed apart while its latest message is an offer, and back when I answer', async () => {
    const { store, server, time, list, firstId, otherOf } = await arrange();
    await store.acceptRequest(firstId);
    server.say(firstId, otherOf(firstId), 'half price', undefined, 'promotional');
    expect(list('offers')).toEqual([firstId]);
    expect(list('inbox')).toEqual([]);
    expect(store.getState()).toMatchObject({ unreadConversations: 0, unreadOffers: 1 });
    store.send({ conversationId: firstId }, 'no, thank you');
    await time.advance(100);
    expect(list('inbox')).toEqual([firstId]);
    expect(list('offers')).toEqual([]);
    expect(store.getState().unreadOffers).toBe(0);
  });

  it('unlocks for me who wrote first as soon as the other accepts', async () => {
    const { store, server, me, time } = await arrange([]);
    const sara = server.addPerson('sara');
    const id = server.addRequest(me, sara, 'it is me');
    server.contact = { allowed: false, arrives: null, code: 'request_pending' };
    await store.openConversation(id);
    expect(store.getState().timelines.get(id)?.contact?.allowed).toBe(false);
    server.contact = { allowed: true, arrives: 'inbox' };
    server.decide(sara.id, id, 'accept');
    await time.advance(100);
    expect(store.getState().timelines.get(id)?.contact?.allowed).toBe(true);
  });

  it('unlocks after a reconnect when the news of it was missed', async () => {
    const { store, server, me, time } = await arrange([]);
    const sara = server.addPerson('sara');
    const id = server.addRequest(me, sara, 'it is me');
    server.contact = { allowed: false, arrives: null, code: 'request_pending' };
    await store.openConversation(id);
    server.closeSockets(me.id, 1006);
    server.contact = { allowed: true, arrives: 'inbox' };
    server.decide(sara.id, id, 'accept');
    await time.advance(5_000);
    expect(store.getState().timelines.get(id)?.contact?.allowed).toBe(true);
  });
});

describe('the correction of a first message', () => {
  async function arrangeMine() {
    const all = await arrange([]);
    const { server, me, store } = all;
    const id = server.addRequest(me, server.addPerson('sara'), 'helo');
    server.contact = { allowed: false, arrives: null, code: 'request_pending' };
    await store.openConversation(id);
    const shown = () =>
      store
        .getState()
        .timelines.get(id)
        ?.messages.map((each) => each.text);
    const inList = () => store.getState().conversations.get(id)?.lastMessage?.text;
    const editable = () => {
      const timeline = store.getState().timelines.get(id);
      return timeline === undefined ? null : editableSeq(timeline, me.id);
    };
    return { ...all, id, shown, inList, editable };
  }

  it('shows at once, here and in the list, and can be made once', async () => {
    const { store, id, shown, inList, editable } = await arrangeMine();
    expect(editable()).toBe(1);
    const editing = store.editMessage(id, 1, 'hello');
    expect([shown(), inList()]).toEqual([['hello'], 'hello']);
    expect(await editing).toMatchObject({ ok: true, value: { text: 'hello' } });
    expect(editable()).toBe(null);
    const again = await store.editMessage(id, 1, 'HELLO');
    expect(again).toMatchObject({ ok: false, problem: { code: 'edit_closed' } });
    expect([shown(), inList()]).toEqual([['hello'], 'hello']);
  });

  it('reaches whoever has it on screen, and whoever was away', async () => {
    const { store, server, me, time, firstId, otherOf } = await arrange();
    await store.openConversation(firstId);
    server.closeSockets(me.id, 1006);
    server.edit(firstId, otherOf(firstId), 'corrected');
    await time.advance(5_000);
    const { timelines, conversations } = store.getState();
    expect(timelines.get(firstId)?.messages.map((each) => each.text)).toEqual(['corrected']);
    expect(conversations.get(firstId)?.lastMessage?.text).toBe('corrected');
  });

  it('is not undone by an older page', async () => {
    const { store, server, time, firstId, otherOf } = await arrange();
    server.weather = { ...fairWeather, latencyMs: () => 100 };
    const opening = store.openConversation(firstId);
    await time.advance(50);
    server.edit(firstId, otherOf(firstId), 'corrected');
    await time.advance(500);
    await opening;
    const texts = store
      .getState()
      .timelines.get(firstId)
      ?.messages.map((each) => each.text);
    expect(texts).toEqual(['corrected']);
  });
});
