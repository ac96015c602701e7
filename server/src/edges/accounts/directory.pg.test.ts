import { expect, test } from 'vitest';
import { operatorKey, startAccounts } from '../../../test/_support/start-accounts.ts';
import type { PersonId } from '../../base/ids.ts';
import { deleteIdentity, emailOf, findPersonIdByUsername } from '../../storage/accounts.ts';
import { renameInDirectory, searchDirectory } from '../../storage/directory.ts';
import type { Database } from '../../storage/database.ts';

async function town(): Promise<{
  db: Database;
  find: (query: string) => Promise<string[]>;
  idOf: (username: string) => PersonId;
}> {
  const { call, db } = await startAccounts();
  const people = [
    { username: 'anna', name: 'Zoë Müller' },
    { username: 'anna_k', name: 'Anna Karlsson' },
    { username: 'jose', name: 'José María García' },
    { username: 'km100', name: '100 % Wolle_Shop' },
    { username: 'soren', name: 'Søren Ångström' },
    { username: 'double', name: 'Anna Annabella' },
  ];
  const { json } = await call('/api/operator/people', { body: people, bearer: operatorKey });
  const ids = new Map<string, PersonId>(
    json.map((p: { id: PersonId; username: string }) => [p.username, p.id]),
  );
  const names = new Map([...ids].map(([username, id]) => [id, username]));
  return {
    db,
    find: async (query) =>
      (await searchDirectory(db, query, 20)).map(({ id }) => names.get(id) as string),
    idOf: (username) => ids.get(username) as PersonId,
  };
}

test('people are found by how their username begins, the exact one first, each once', async () => {
  const { find } = await town();
  expect(await find('anna')).toEqual(['anna', 'anna_k', 'double']);
  expect(await find('@ANNA')).toEqual(['anna', 'anna_k']);
  expect(await find('nna')).toEqual([]);
});

test('people are found by how any word of their name begins, without accents too', async () => {
  const { find } = await town();
  expect(await find('muller')).toEqual(['anna']);
  expect(await find('MÜLL')).toEqual(['anna']);
  expect(await find('gar')).toEqual(['jose']);
  expect(await find('maria g')).toEqual(['jose']);
  expect(await find('angst')).toEqual(['soren']);
  expect(await find('soren å')).toEqual(['soren']);
});

test('wildcards, odd characters and nothing at all find nobody and break nothing', async () => {
  const { find } = await town();
  expect(await find('100')).toEqual(['km100']);
  for (const query of ['%', '_', '\\', '', ' ', '@', '\0', '\ud800', "'", '\u{10ffff}', '%%']) {
    expect({ query, found: await find(query) }).toEqual({ query, found: [] });
  }
  // What is no letter only parts words.
  expect(await find('%wolle_shop\0')).toEqual(['km100']);
});

test('a limit holds', async () => {
  const { db } = await town();
  expect(await searchDirectory(db, 'a', 2)).toHaveLength(2);
});

test('a new name is found and the old one is not', async () => {
  const { db, find, idOf } = await town();
  expect(await find('zoe')).toEqual(['anna']);
  await renameInDirectory(db, idOf('anna'), 'Bea');
  expect([await find('zoe'), await find('bea')]).toEqual([[], ['anna']]);
});

test('a username leads to its person in any case, and nonsense to nobody', async () => {
  const { db, idOf } = await town();
  expect(await findPersonIdByUsername(db, 'ANNA')).toBe(idOf('anna'));
  for (const name of ['nobody', '', 'a\0', 'x'.repeat(9_999)])
    expect(await findPersonIdByUsername(db, name)).toBeNull();
});

test('a deleted account leaves no session, no credential and no trace in the directory, and may be deleted again', async () => {
  const { signUp, db, call, door } = await startAccounts();
  const alice = await signUp('alice', { name: 'Alice' });
  await call('/api/auth/request-password-reset', { body: { email: alice.email } });
  expect([await emailOf(db, alice.id), (await searchDirectory(db, 'ali', 5)).length]).toEqual([
    alice.email,
    1,
  ]);
  await deleteIdentity(db, alice.id);
  await deleteIdentity(db, alice.id);
  door.forget(alice.id, 'all');
  for (const table of ['"user"', 'session', 'account', 'verification', 'directory_entry']) {
    expect({ table, rows: await db.query(`select 1 from ${table}`) }).toEqual({ table, rows: [] });
  }
  expect((await call('/api/whoami', { bearer: alice.token })).json.viewer).toBeNull();
  expect(await emailOf(db, alice.id)).toBeNull();
});
