import type { PersonId } from '../base/ids.ts';
import type { Database, Queries } from './database.ts';

// Finding people by username and by the words of their name. Folded by us, not by the database: case, accents and
// a few letters that do not decompose, so that "jose" finds "José" and "oslo" finds "Øslo" on any PostgreSQL.

/**
 * People whose username begins with `query` (a leading @ is dropped) or with a name in which a word, and what
 * follows it, begins with it. The exact username comes first, then names and usernames in turn. At most `limit`.
 * Two index-only range reads, also with a million people and a query of one letter.
 */
export async function searchDirectory(
  db: Queries,
  query: string,
  limit: number,
): Promise<{ id: PersonId }[]> {
  const text = query.trim().toLowerCase();
  const handle = text.replace(/^@/, '');
  const phrase = text.startsWith('@') ? '' : foldWords(text).join(' ');
  const [handles, names] = await Promise.all([
    /^[a-z0-9_.]{1,30}$/.test(handle) ? findUsernames(db, handle, limit) : [],
    // A person with two words that begin alike comes twice.
    phrase === '' ? [] : findPhrases(db, phrase, limit * 2),
  ]);
  const exact = handles[0]?.username === handle ? handles.splice(0, 1) : [];
  const inTurn = Array.from({ length: Math.max(handles.length, names.length) }, (_, i) => [
    handles[i],
    names[i],
  ]);
  const ids = [...exact, ...inTurn.flat()].flatMap((hit) => (hit ? [hit.id] : []));
  return [...new Set(ids)].slice(0, limit).map((id) => ({ id }));
}

/** Makes a person findable by this name and no other. */
export async function indexNames(
  tx: Queries,
  people: readonly { id: PersonId; name: string }[],
): Promise<void> {
  const entries = people.flatMap(({ id, name }) => phrases(name).map((phrase) => ({ id, phrase })));
  await tx.query('delete from directory_entry where "userId" = any($1)', [
    people.map(({ id }) => id),
  ]);
  await tx.query(
    `insert into directory_entry (phrase, "userId")
     select e.phrase, u.id from unnest($1::text[], $2::text[]) as e (phrase, id) join "user" u on u.id = e.id
     on conflict do nothing`,
    [entries.map(({ phrase }) => phrase), entries.map(({ id }) => id)],
  );
}

/** Gives an account another display name, also in the directory. */
export async function renameInDirectory(db: Database, id: PersonId, name: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('update "user" set name = $2 where id = $1', [id, name]);
    await indexNames(tx, [{ id, name }]);
  });
}

interface Hit {
  id: PersonId;
}

// Ranges, not LIKE: no wildcards to escape, and a prepared LIKE loses its index once the plan is generic.
async function findUsernames(
  db: Queries,
  prefix: string,
  limit: number,
): Promise<(Hit & { username: string })[]> {
  return db.query(
    `select id, username from "user" where username >= $1 and username < $2 order by username limit $3`,
    [prefix, after(prefix), limit],
  );
}

async function findPhrases(db: Queries, prefix: string, limit: number): Promise<Hit[]> {
  return db.query(
    `select "userId" as id from directory_entry where phrase >= $1 and phrase < $2
     order by phrase, "userId" limit $3`,
    [prefix, after(prefix), limit],
  );
}

/** The first string behind all that begin with `prefix`, in byte order. */
function after(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

const wordsMax = 10;

function phrases(name: string): string[] {
  const words = foldWords(name);
  return words.slice(0, wordsMax).map((_, i) => words.slice(i).join(' '));
}

function foldWords(text: string): string[] {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[øłđæœßı]/g, (letter) => undecomposed[letter] ?? letter)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const undecomposed: Record<string, string> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  ı: 'i',
};
