import type { Family } from '../../src/base/family.ts';
import type { Catalog, Table } from './catalog.ts';

// What keeps a family movable: PostgreSQL on a laptop, Citus or YugabyteDB on many machines (docs/architecture.md).

type SpreadFamily = Extract<Family, 'conversation' | 'person'>;

/** The column by which a table is spread. `pair` belongs to two people; the lower id decides where it lives. */
function keyOf(family: SpreadFamily, table: Table): string {
  if (family === 'conversation') return 'conversation_id';
  return table.name === 'pair' ? 'low_id' : 'user_id';
}

/**
 * `schema_migration` is exempt: it is the bookkeeping of the migrations, exists before any family does, holds a
 * row per file, is written by one process at a time and is never spread.
 */
const bookkeeping = 'schema_migration';

/** Everything in a database of this family that would tie it to one machine; one sentence each. */
export function lintCatalog(family: SpreadFamily, catalog: Catalog): string[] {
  const tables = catalog.tables.filter((table) => table.name !== bookkeeping);
  return [
    ...tables.flatMap((table) => lintTable(table, keyOf(family, table))),
    ...catalog.others.map((other) => `${other}: only tables and indexes can be spread`),
  ];
}

function lintTable(table: Table, key: string): string[] {
  const problems: string[] = [];
  const say = (problem: string): void => void problems.push(`${table.name}: ${problem}`);
  if (!table.constraints.some(({ type }) => type === 'p')) say('has no primary key');
  for (const { name, isUnique, firstColumn } of table.indexes) {
    if (isUnique && firstColumn !== key) say(`${name} is unique but does not begin with ${key}`);
  }
  for (const { name, type } of table.constraints) {
    if (type === 'f') say(`${name} is a foreign key`);
    if (type === 'x') say(`${name} is an exclusion`);
  }
  for (const { name, isIdentity, default: value } of table.columns) {
    if (isIdentity) say(`${name} is an identity column`);
    if (value !== null && /\(|current_|localtime/i.test(value)) {
      say(`the default of ${name} calls something: ${value}`);
    }
  }
  for (const { name } of table.triggers) say(`${name} is a trigger`);
  return problems;
}

/** Everything in a source file or migration that does not work, or not well, on a spread family. */
export function lintSql(source: string): string[] {
  const text = source.replace(/^\s*(\/\/|\*|\/\*|--).*$/gm, '').replace(/\s--\s.*$/gm, '');
  const problems = rules.flatMap(([problem, pattern]) => (pattern.test(text) ? [problem] : []));
  if (conflictClauses(text).some((clause) => /\bselect\b/i.test(clause))) {
    problems.push('a subquery in ON CONFLICT');
  }
  for (const [statement] of source.matchAll(/`[^`]*`/g)) {
    // Sends believe what they remember of the members as long as it stands (docs/decisions/0008).
    if (/\bupdate member\b/i.test(statement) && !/\bmember_rev\b/.test(statement)) {
      problems.push('member is changed and member_rev is not raised');
    }
  }
  return problems;
}

const rules: [string, RegExp][] = [
  ['LISTEN or NOTIFY', /\b(un)?listen\s+["\w]|\bnotify\s+["\w]|pg_notify/i],
  ['an advisory lock', /advisory_(xact_)?(un)?lock/i],
  [
    'the database’s clock',
    /(?<![.\w])now\s*\(|\bcurrent_(timestamp|date|time)\b|\blocaltime(stamp)?\b|\b(clock|statement|transaction)_timestamp\b/i,
  ],
];

/** The text of each ON CONFLICT, up to where its statement ends. */
function conflictClauses(text: string): string[] {
  return [...text.matchAll(/on\s+conflict\b/gi)].map(({ index }) => {
    let depth = 0;
    for (let at = index; at < text.length; at += 1) {
      const char = text[at]!;
      if (char === '(') depth += 1;
      if (char === ')') depth -= 1;
      const ends = depth < 0 || char === '`' || char === ';';
      if (ends || (depth === 0 && /^\breturning\b/i.test(text.slice(at, at + 10)))) {
        return text.slice(index, at);
      }
    }
    return text.slice(index);
  });
}
