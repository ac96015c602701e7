import { promotionalRules } from '../server/src/domain/promotional-rules.ts';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeCodes, errorCatalogue } from '@aside/protocol';
import * as schemas from '@aside/protocol/schemas';
import { startApp } from '../server/src/app.ts';
import { silentLog } from '../server/src/base/log.ts';
import { knobs, readConfig } from '../server/src/config.ts';

// Writes the parts of docs/ that the code knows best: api.md from the OpenAPI document of a running server,
// errors.md from the catalogue, the tables of operations.md and realtime.md. Run it after changing any of them;
// server/test/contract.test.ts fails when they part.
// usage: npm run docs

const docs = join(import.meta.dirname, '..', 'docs');
const shapeNames = new Map<string, string>();
for (const [text, name] of nameShapes()) shapeNames.set(text, name);

await writeFile(join(docs, 'errors.md'), errorsPage());
await replaceTable('operations.md', 'knobs', knobTable());
await replaceTable('consent.md', 'rules', ruleTable());
await replaceTable('realtime.md', 'close-codes', closeCodeTable());
await writeFile(join(docs, 'api.md'), await apiPage());

function errorsPage(): string {
  const sections = Object.entries(errorCatalogue).map(
    ([code, entry]) =>
      `## \`${code}\`\n\n${entry.title} (HTTP ${entry.status}). “${entry.detail}”\n\n${entry.remedy}\n`,
  );
  return [
    '# Errors\n',
    'Every refusal is a problem body (RFC 9457): `type`, `title`, `status`, `detail`, `code`. `detail` is written',
    'for the person who sees it; programs look at `code`. `rate_limited`, `overloaded` and `slow_down` carry a',
    '`Retry-After` header and `retryAfterSeconds`; `slow_down` and `bulk_needs_opt_in` carry `until`, the time from',
    'which on it will be possible if nobody answers before. `held` (HTTP 202) is no refusal for good: the message was',
    'taken and waits. On the socket the same codes come in `refused` and `error` frames.',
    'Below `/api/auth` the accounts library answers in its own form, `{code, message}`.\n',
    ...sections,
  ].join('\n');
}

function knobTable(): string {
  const rows = Object.entries(knobs).map(([name, knob]) => {
    const range = 'min' in knob && 'max' in knob ? `${knob.min} – ${knob.max}` : '';
    return `| \`${name}\` | ${knob.default === '' ? '(unset)' : `\`${knob.default}\``} | ${knob.unit} | ${range} | ${knob.does} |`;
  });
  return [
    '| knob | default | unit | range | what it does |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function ruleTable(): string {
  const rows = promotionalRules.map(
    ({ name, means, example }) => `| \`${name}\` | ${means} | ${example} |`,
  );
  return ['| rule | means | for example |', '|---|---|---|', ...rows].join('\n');
}

function closeCodeTable(): string {
  const rows = Object.values(closeCodes).map(
    ({ code, then, meaning }) => `| ${code} | ${meaning} | ${then} |`,
  );
  return ['| code | meaning | what the client does |', '|---|---|---|', ...rows].join('\n');
}

async function replaceTable(file: string, name: string, table: string): Promise<void> {
  const path = join(docs, file);
  const text = await readFile(path, 'utf8');
  const [start, end] = [`<!-- ${name}: written by npm run docs -->`, `<!-- end of ${name} -->`];
  if (!text.includes(start) || !text.includes(end))
    throw new Error(`${file} has no place for ${name}`);
  const before = text.slice(0, text.indexOf(start) + start.length);
  await writeFile(path, `${before}\n\n${table}\n\n${text.slice(text.indexOf(end))}`);
}

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses?: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  const?: unknown;
}

async function apiPage(): Promise<string> {
  const { paths } = await openApi();
  const sections = Object.entries(paths)
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) =>
        section(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ':$1'), operation),
      ),
    );
  return [
    '# API\n',
    'The same as `GET /api/openapi.json`, for reading. Bodies are JSON; unknown fields are refused. A request carries',
    'the session cookie or `Authorization: Bearer <session token or API key>`; routes of the operator carry the operator key.',
    'Ids are decimal strings; `seq` and `pos` are numbers; times are ISO 8601 in UTC. Refusals: [errors.md](errors.md).',
    'Below `/api/auth` better-auth answers, also with refusals of its own form; the session token comes in the',
    '`set-auth-token` header as well. The socket is in [realtime.md](realtime.md).\n',
    'An API key acts as its person, and what it sends has the origin `automated`. What only the person may do asks for',
    'a session of theirs and refuses a key with `session_required`: keys, ending sessions, passwords and two-factor',
    'codes, changing settings, consent, deleting the account. A key has no end: it outlives signing out, signing out',
    'everywhere else and a new password, until it or the account is deleted.\n',
    ...sections,
    '## Shapes\n',
    ...[...shapeNames].map(([text, name]) => `**${name}** \`${text}\`\n`),
  ].join('\n');
}

async function openApi(): Promise<{ paths: Record<string, Record<string, Operation>> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'aside-docs-'));
  await chmod(dataDir, 0o755);
  const config = readConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    ASIDE_OPERATOR_KEY: 'docs',
    ASIDE_TEST_CLOCK: '1',
  });
  const app = await startApp(config, silentLog());
  try {
    const response = await fetch(`${app.url}/api/openapi.json`);
    return (await response.json()) as { paths: Record<string, Record<string, Operation>> };
  } finally {
    await app.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function section(method: string, path: string, operation: Operation): string {
  const lines = [`## ${method} ${path}\n`];
  if (operation.summary) lines.push(`${operation.summary}.\n`);
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  if (query.length > 0) {
    const names = query.map((q) => `\`${q.name}${q.required ? '' : '?'}: ${shape(q.schema)}\``);
    lines.push(`Query: ${names.join(', ')}\n`);
  }
  const body = operation.requestBody?.content['application/json']?.schema;
  if (body) lines.push(`Body: \`${shape(body)}\`\n`);
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const schema = response.content?.['application/json']?.schema;
    const answer = schema && schema.type !== 'null' ? `: \`${shape(schema)}\`` : '';
    lines.push(`Answers ${status}${answer}\n`);
  }
  return lines.join('\n');
}

function shape(schema: Schema | undefined): string {
  const text = spelledOut(schema);
  return shapeNames.get(text) ?? text;
}

function spelledOut(schema: Schema | undefined): string {
  if (!schema) return 'any';
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map((option) => shape(option)).join(' | ');
  if (schema.items) return `[${shape(schema.items)}]`;
  if (!schema.properties) return schema.type ?? 'any';
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    return `${name}${optional}: ${shape(field)}`;
  });
  return `{${fields.join(', ')}}`;
}

/** The shapes with a name of their own, by how they are spelled; inner ones first. */
function nameShapes(): Map<string, string> {
  const names = new Map<string, string>();
  const named = [
    'PersonCard',
    'Contact',
    'Relationship',
    'Profile',
    'Message',
    'RequestCard',
    'Conversation',
    'LedgerEntry',
    'SessionView',
    'KeyView',
  ] as const;
  for (const name of named) {
    const schema = schemas[name] as Schema;
    const fields = Object.entries(schema.properties ?? {}).map(([field, inner]) => {
      const inside = spelledOut(inner);
      const spelled = inner.items
        ? `[${names.get(spelledOut(inner.items)) ?? spelledOut(inner.items)}]`
        : (names.get(inside) ?? inside);
      return `${field}${schema.required?.includes(field) ? '' : '?'}: ${spelled}`;
    });
    names.set(`{${fields.join(', ')}}`, name);
  }
  return names;
}
