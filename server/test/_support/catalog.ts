// The schema of a database as text, read from its catalog: what `server/schema.sql` holds and the schema lint reads.

import { Client } from 'pg';

export interface Catalog {
  tables: Table[];
  /** Functions, sequences, triggers, views and types of the schema, as `kind name`. */
  others: string[];
}

export interface Table {
  name: string;
  columns: Column[];
  constraints: { name: string; type: string; definition: string }[];
  /** Every index, those behind constraints included. */
  indexes: { name: string; isUnique: boolean; definition: string; firstColumn: string | null }[];
  triggers: { name: string; definition: string }[];
  options: string[];
}

export interface Column {
  name: string;
  type: string;
  isRequired: boolean;
  default: string | null;
  isIdentity: boolean;
}

/** Reads schema `public`, in an order that depends on nothing but names and column numbers. */
export async function readCatalog(url: string): Promise<Catalog> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<Table>(tablesSql);
    const { rows: others } = await client.query<{ other: string }>(othersSql);
    return { tables, others: others.map((row) => row.other) };
  } finally {
    await client.end();
  }
}

/** The catalog as SQL that a person can read and diff. */
export function toSql({ tables, others }: Catalog): string {
  return [...tables.map(tableSql), ...others.map((other) => `-- ${other}\n`)].join('\n');
}

function tableSql(table: Table): string {
  const columns = table.columns.map(
    ({ name, type, isRequired, default: value }) =>
      `  ${quoted(name)} ${type}${isRequired ? ' not null' : ''}${value === null ? '' : ` default ${value}`}`,
  );
  const constraints = table.constraints.map(
    ({ name, definition }) => `  constraint ${quoted(name)} ${definition}`,
  );
  const options = table.options.length > 0 ? ` with (${table.options.join(', ')})` : '';
  const ownIndexes = table.indexes.filter(
    (index) => !table.constraints.some((constraint) => constraint.name === index.name),
  );
  return [
    `create table ${quoted(table.name)} (\n${[...columns, ...constraints].join(',\n')}\n)${options};`,
    ...ownIndexes.map((index) => `${index.definition};`),
    ...table.triggers.map((trigger) => `${trigger.definition};`),
    '',
  ].join('\n');
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && name !== 'user' ? name : `"${name}"`;
}

const tablesSql = `
select c.relname as name,
  (select coalesce(json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod)
        || case when a.attcollation <> 0 and a.attcollation <> t.typcollation
             then format(' collate "%s"', l.collname) else '' end,
      'isRequired', a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid),
      'isIdentity', a.attidentity <> '') order by a.attnum), '[]')
   from pg_attribute a join pg_type t on t.oid = a.atttypid
   left join pg_collation l on l.oid = a.attcollation
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object(
      'name', k.conname, 'type', k.contype, 'definition', pg_get_constraintdef(k.oid))
      order by k.contype <> 'p', k.conname collate "C"), '[]')
   -- Not-null constraints (PostgreSQL 18 lists them here) stand beside their column.
   from pg_constraint k where k.conrelid = c.oid and k.contype not in ('n', 't')) as constraints,
  (select coalesce(json_agg(json_build_object(
      'name', x.relname, 'isUnique', i.indisunique,
      'definition', replace(pg_get_indexdef(i.indexrelid), ' ON public.', ' ON '),
      'firstColumn', (select attname from pg_attribute where attrelid = c.oid and attnum = i.indkey[0]))
      order by x.relname collate "C"), '[]')
   from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid) as indexes,
  (select coalesce(json_agg(json_build_object(
      'name', g.tgname, 'definition', replace(pg_get_triggerdef(g.oid), ' ON public.', ' ON '))
      order by g.tgname collate "C"), '[]')
   from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal) as triggers,
  coalesce(c.reloptions, '{}') as options
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by c.relname collate "C"`;

const othersSql = `
select other from (
  select 'sequence ' || relname as other from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'S'
  union all
  select 'view ' || relname from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('v', 'm', 'f')
  union all
  select 'function ' || proname || '(' || pg_get_function_identity_arguments(oid) || ')' from pg_proc
  where pronamespace = 'public'::regnamespace
  union all
  select 'type ' || typname from pg_type
  where typnamespace = 'public'::regnamespace and typtype in ('d', 'e', 'r')
) o order by other collate "C"`;
