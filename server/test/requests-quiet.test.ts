import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act, dayMs, openHouse, page, request, type House } from './_support/house.ts';
import type { TestPerson } from './_support/people.ts';

// What helps to judge a request: the card, the reasons for which it makes no badge, and the counts.

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.app.stop());

const open = { reach: 'everyone' } as const;
const pitch = 'Our new tool saves your team hours every single week, shall I show you?';

/** As many recipients with an open door. */
async function crowd(size: number): Promise<TestPerson[]> {
  return Object.values(
    await house.bring(Object.fromEntries(Array.from({ length: size }, (_, i) => [`r${i}x`, open]))),
  );
}

async function card(one: TestPerson, id: string): Promise<unknown> {
  const row = (await one.inbox('requests')).find((request_) => request_.id === id);
  return { quiet: row?.quiet, reasons: row?.quietReasons, ...row?.request };
}

describe('the card', () => {
  test('says who asks: their profile, its age, whom both follow', async () => {
    const { ann, ben, cid, dan, eve, sam, rita } = await house.bring({
      ann: {},
      ben: {},
      cid: {},
      dan: {},
      eve: {},
      sam: { days: 400, follows: ['ann', 'ben', 'cid', 'dan'] },
      rita: { ...open, follows: ['ann', 'ben', 'cid', 'dan', 'eve', 'sam'] },
    });
    await sam.call('PATCH', '/api/me', { bio: 'Gardener', website: 'https://sam.example/' });
    const id = await request(sam, rita);
    const profile = (await rita.get(`/api/people/${sam.username}`)).body;
    const shown = (await card(rita, id)) as {
      person: { createdAt: string };
      followedByBoth: { people: { id: string }[] };
    };
    expect(shown).toMatchObject({
      person: { id: sam.id, username: sam.username, bio: 'Gardener', kind: 'person' },
      followedByBoth: { count: 4 },
      following: true,
    });
    // Nothing that she could not look up.
    expect(profile).toMatchObject(shown.person);
    const age = Date.now() - Date.parse(shown.person.createdAt);
    expect(Math.round(age / dayMs)).toBe(400);
    const known = new Set([ann.id, ben.id, cid.id, dan.id]);
    expect(shown.followedByBoth.people).toHaveLength(3);
    expect(shown.followedByBoth.people.every((one) => known.has(one.id))).toBe(true);
    expect(known.has(eve.id)).toBe(false);
    expect(shown).not.toHaveProperty('similar');
  });

  test('says from five people on how many got near-identical text', async () => {
    const { sam } = await house.bring({ sam: {} });
    const people = await crowd(6);
    const ids: string[] = [];
    for (const [i, one] of people.entries()) {
      ids.push(await request(sam, one, `Hi number ${i}! ${pitch}`));
      const shown = await card(people[0]!, ids[0]!);
      if (i + 1 < 5) expect(shown).not.toHaveProperty('similar');
      else expect(shown).toMatchObject({ similar: i + 1 });
    }
    expect(await card(people[5]!, ids[5]!)).toMatchObject({ similar: 6 });
    // Text of their own is no part of it.
    const { rita } = await house.bring({ rita: open });
    const own = await request(sam, rita, 'Did you find the blue umbrella I left at the concert?');
    expect(await card(rita, own)).not.toHaveProperty('similar');
  });

  test('is there while the request waits and gone afterwards', async () => {
    const { sam, rita } = await house.bring({ sam: {}, rita: open });
    const id = await request(sam, rita);
    const opened = await rita.get<{ conversation: object }>(`/api/conversations/${id}`);
    expect(opened.body.conversation).toHaveProperty('request');
    await act(rita, id, 'accept');
    await act(rita, id, 'unaccept');
    const after = await rita.get<{ conversation: object }>(`/api/conversations/${id}`);
    expect(after.body.conversation).not.toHaveProperty('request');
  });
});

describe('a request makes no badge', () => {
  async function reasons(sender: TestPerson, rita: TestPerson, text?: string): Promise<unknown> {
    const id = await request(sender, rita, text);
    const row = (await rita.inbox('requests')).find((one) => one.id === id)!;
    expect(row.quiet === true).toBe((row.quietReasons ?? []).length > 0);
    // The sender is not told.
    const mine = await sender.get<{ conversation: object }>(`/api/conversations/${id}`);
    expect(JSON.stringify(mine.body)).not.toContain('quiet');
    return row.quietReasons ?? [];
  }

  test('when it holds a link, however disguised; a text that only looks like one has a badge', async () => {
    const people = await house.bring({ a: {}, b: {}, c: {}, d: {}, rita: open });
    const { rita } = people;
    expect(await reasons(people.a, rita, 'See https://example.com/a')).toEqual(['link']);
    expect(await reasons(people.b, rita, 'See example。com')).toEqual(['link']);
    expect(await reasons(people.c, rita, 'See exa\u200bmple.com')).toEqual(['link']);
    expect(await reasons(people.d, rita, 'I saw it.Then I left. Mail a@b.example')).toEqual([]);
  });

  test('of an account younger than 7 days, unless the recipient follows it', async () => {
    const { young, week, known, rita } = await house.bring({
      young: { days: 6.9 },
      week: { days: 7 },
      known: { days: 1 },
      rita: { ...open, follows: ['known'] },
    });
    expect(await reasons(young, rita)).toEqual(['new_account']);
    expect(await reasons(week, rita)).toEqual([]);
    expect(await reasons(known, rita)).toEqual([]);
  });

  test('of an account with a report of the last 30 days', async () => {
    const { sam, eve, rita, ruth } = await house.bring({
      sam: {},
      eve: {},
      rita: open,
      ruth: open,
    });
    await eve.call('POST', `/api/people/${sam.username}/report`, { reason: 'Pitches.' });
    expect(await reasons(sam, rita)).toEqual(['reports']);
    await house.wait(30 * dayMs, [sam, eve, rita, ruth]);
    expect(await reasons(sam, ruth)).toEqual([]);
  });

  test('when two others got near-identical text before, but not when one did', async () => {
    const { sam } = await house.bring({ sam: {} });
    const [a, b, c] = await crowd(3);
    expect(await reasons(sam, a!, `Hello Ann! ${pitch}`)).toEqual([]);
    expect(await reasons(sam, b!, `Hi Ben 🙂 ${pitch}`)).toEqual([]);
    expect(await reasons(sam, c!, `Dear Cid, ${pitch}`)).toEqual(['similar']);
  });

  test('for all reasons at once, and an edit can bring them or take them', async () => {
    const { sam, rita } = await house.bring({ sam: { days: 1 }, rita: open });
    const others = await crowd(2);
    for (const one of others) await request(sam, one, `${pitch} shop.example.com`);
    const id = await request(sam, rita, `${pitch} shop.example.com`);
    await sam.call('POST', `/api/people/${sam.username}/report`, { reason: '' });
    const row = async () => (await rita.inbox('requests'))[0]!;
    expect((await row()).quietReasons!.toSorted()).toEqual(['link', 'new_account', 'similar']);
    await sam.call('PATCH', `/api/conversations/${id}/messages/1`, { text: 'I know your aunt.' });
    expect((await row()).quietReasons).toEqual(['new_account']);
  });
});

describe('counts and pages', () => {
  test('tell plain and quiet requests apart, page by page', async () => {
    const { rita } = await house.bring({ rita: open });
    const senders = await house.bring(
      Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}x`, {}])),
    );
    const plain: string[] = [];
    const quiet: string[] = [];
    for (const [i, sender] of Object.values(senders).entries()) {
      if (i % 3 === 0) quiet.push(await request(sender, rita, `Look at www.a${i}.example.com`));
      else plain.push(await request(sender, rita, `Is it number ${i}?`));
    }
    const counts = { waiting: 6, quiet: 3 };
    for (const query of [
      'folder=inbox',
      'folder=requests',
      'folder=archive',
      'folder=requests&quiet=true',
    ]) {
      expect([query, (await page(rita, query)).requests]).toEqual([query, counts]);
    }
    const walk = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const one = await page(rita, `${query}&limit=2${cursor && `&cursor=${cursor}`}`);
        expect(one.requests !== undefined).toBe(cursor === '');
        ids.push(...one.conversations.map((row) => row.id));
        cursor = one.nextCursor;
      }
      return ids;
    };
    expect(await walk('folder=requests&quiet=true')).toEqual(quiet.toReversed());
    expect(await walk('folder=requests&quiet=false')).toEqual(plain.toReversed());
    expect((await walk('folder=requests')).toSorted()).toEqual([...quiet, ...plain].toSorted());
    await act(rita, quiet[0]!, 'decline');
    await act(rita, plain[0]!, 'accept');
    expect((await page(rita, 'folder=inbox')).requests).toEqual({ waiting: 5, quiet: 2 });
    expect((await rita.get('/api/conversations?folder=requests&quiet=maybe')).status).toBe(400);
  });
});

describe('the budget', () => {
  test('the eleventh unanswered of the same text is refused with a date; another text goes', async () => {
    const { sam } = await house.bring({ sam: {} });
    const people = await crowd(12);
    for (const one of people.slice(0, 10)) await request(sam, one, pitch);
    const refused = await sam.write(people[10]!.username, pitch);
    expect(refused).toMatchObject({ status: 403, body: { code: 'bulk_needs_opt_in' } });
    const until_ = Date.parse((refused.body as unknown as { until: string }).until);
    expect((until_ - Date.now()) / dayMs).toBeGreaterThan(29);
    expect(await people[10]!.inbox('requests')).toEqual([]);
    await request(sam, people[10]!, 'Do you still have the piano you offered last summer?');
    // An answer gives back what its first message used up.
    await act(people[0]!, (await people[0]!.inbox('requests'))[0]!.id, 'accept');
    await act(people[1]!, (await people[1]!.inbox('requests'))[0]!.id, 'accept');
    expect((await sam.write(people[11]!.username, pitch)).body.arrived).toBe('requests');
  });

  test('the forty-first unanswered of any text is too much', async () => {
    const { sam } = await house.bring({ sam: {} });
    const people = await crowd(41);
    for (const [i, one] of people.slice(0, 40).entries()) await request(sam, one, `No ${i}`);
    const refused = await sam.write(people[40]!.username, 'Short');
    expect(refused).toMatchObject({ status: 429, body: { code: 'slow_down' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(29 * 86_400);
    // Refusing the check is the same hint, and it reserves nothing.
    const check = await sam.call('POST', `/api/conversations/with/${people[40]!.username}/check`, {
      text: 'Short',
    });
    expect(check.body).toMatchObject({ contact: { allowed: false, code: 'slow_down' } });
    await act(people[0]!, (await people[0]!.inbox('requests'))[0]!.id, 'accept');
    expect((await sam.write(people[40]!.username, 'Short')).body.arrived).toBe('requests');
  }, 60_000);

  test('two devices at once cannot both take the last one', async () => {
    const { sam } = await house.bring({ sam: {} });
    const people = await crowd(45);
    for (const [i, one] of people.slice(0, 38).entries()) await request(sam, one, `No ${i}`);
    const answers = await Promise.all(
      people.slice(38).map((one) => sam.write(one.username, 'Short')),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(2);
  }, 60_000);
});
