// What deploy/ says, looked at by the programs that will read it, where Debian has them; the image itself is not built,
// because that needs a Docker engine.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { ensureDebian } from './debian.ts';

const repository = join(import.meta.dirname, '..');
const deploy = join(repository, 'deploy');
const read = (name: string): string => readFileSync(join(deploy, name), 'utf8');
/** An installation may have to come first. */
const patient = { timeout: 300_000 };

/** Runs a program that checks a file; what it said, or null where it cannot be had and the test is skipped. */
async function checked(
  { skip }: TestContext,
  packageName: string,
  command: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; said: string } | null> {
  if (!(await ensureDebian([packageName]))) {
    skip(`${command[0]} is not here, and Debian's ${packageName} cannot be installed`);
    return null;
  }
  const [program = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
  return { code: status, said: `${stdout}${stderr}` };
}

function temporaryFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'aside-deploy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the systemd unit', () => {
  test('is one that systemd takes', patient, async (context) => {
    // The program lies where the operator puts it; here it is another one that exists.
    const unit = read('aside.service').replaceAll(
      /^ExecStart=\S+/gm,
      `ExecStart=${process.execPath}`,
    );
    const path = temporaryFile('aside.service', unit);
    const verify = ['systemd-analyze', 'verify', '--man=no', path];
    expect(await checked(context, 'systemd', verify)).toEqual({ code: 0, said: '' });
    const wrong = temporaryFile('wrong.service', unit.replace('ProtectHome=yes', 'ProtectHome=si'));
    const refused = await checked(context, 'systemd', ['systemd-analyze', 'verify', wrong]);
    expect(refused?.said).toMatch(/wrong\.service:\d+: /);
  });

  test('exposes little of the machine', patient, async (context) => {
    const path = temporaryFile('aside.service', read('aside.service'));
    const strict = [
      'systemd-analyze',
      'security',
      '--offline=true',
      '--no-pager',
      '--threshold=15',
    ];
    const found = await checked(context, 'systemd', [...strict, path]);
    expect(found?.said).toContain('Overall exposure level');
    expect(found?.code).toBe(0);
    const bare = temporaryFile('bare.service', '[Service]\nExecStart=/bin/true\n');
    expect((await checked(context, 'systemd', [...strict, bare]))?.code).not.toBe(0);
  });
});

describe('the Caddyfile', () => {
  const env = { PUBLIC_URL: 'https://dm.example', HOME: tmpdir() };
  const validate = ['caddy', 'validate', '--adapter', 'caddyfile', '--config'];

  test('is one that Caddy takes', patient, async (context) => {
    const found = await checked(context, 'caddy', [...validate, join(deploy, 'Caddyfile')], env);
    expect(found?.said).toContain('Valid configuration');
    expect(found?.code).toBe(0);
    const wrong = temporaryFile('Caddyfile', read('Caddyfile').replace('least_conn', 'sticky'));
    expect((await checked(context, 'caddy', [...validate, wrong], env))?.code).not.toBe(0);
  });

  test('keeps what is the operator’s inside, and names both nodes', async () => {
    expect(read('Caddyfile')).toMatch(
      /path \/metrics \/api\/operator\/\*\n\trespond @operator 404/,
    );
    expect(read('Caddyfile')).toContain('reverse_proxy aside-1:3000 aside-2:3000');
  });
});

describe('the compose file', () => {
  const secrets = [
    'PUBLIC_URL=https://dm.example',
    ...['POSTGRES_PASSWORD', 'NATS_TOKEN', 'ASIDE_AUTH_SECRET', 'ASIDE_OPERATOR_KEY'].map(
      (name) => `${name}=secret-of-${name}`,
    ),
  ];
  const config = (envFile: string): string[] => [
    'docker-compose',
    '--env-file',
    envFile,
    '-f',
    join(deploy, 'compose.yaml'),
    'config',
  ];

  test(
    'is one that Compose takes, with the secrets that the operator made',
    patient,
    async (context) => {
      const all = await checked(
        context,
        'docker-compose',
        config(temporaryFile('env', secrets.join('\n'))),
      );
      expect([all?.code, all?.said]).toEqual([0, expect.any(String)]);
      for (const secret of secrets) expect(all?.said).toContain(secret.split('=')[1]);
    },
  );

  test('does not start without them', patient, async (context) => {
    const found = await checked(context, 'docker-compose', config(temporaryFile('env', '')));
    expect(found?.code).not.toBe(0);
    const used = read('compose.yaml').match(/\$\{\w+/g)!;
    const demanded = read('compose.yaml').match(/\$\{\w+(?=:\?)/g)!;
    const names = secrets.map((secret) => `\${${secret.split('=')[0]!}`);
    expect(new Set(demanded)).toEqual(new Set(names));
    expect(used.filter((name) => names.includes(name))).toEqual(demanded);
  });

  test('pins what it takes, shows the world one door, and hands every node the same', () => {
    const text = read('compose.yaml');
    const images = [...text.matchAll(/image: (\S+)/g)].map(([, image]) => image!);
    expect(images.filter((image) => image !== 'aside' && !/:\d+\.\d+/.test(image))).toEqual([]);
    expect(text.match(/^ {4}ports:.*$/gm)).toEqual([
      "    ports: ['80:80', '443:443', '443:443/udp']",
    ]);
    expect(text.match(/<<: \*aside/g)).toHaveLength(2);
    expect(text.match(/healthcheck:/g)).toHaveLength(2);
    expect(text).not.toMatch(/^\s+\w*(PASSWORD|SECRET|KEY|TOKEN)\w*: +[^$\s]/m);
  });
});

describe('the Dockerfile', () => {
  const lines = read('Dockerfile')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const of = (word: string, among = lines): string[] =>
    among.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  test('pins its base and Node 24 or later', () => {
    expect(of('ARG')[0]).toMatch(/^NODE=(2[4-9]|[3-9]\d)\.\d+\.\d+-\w+-slim$/);
    expect(of('FROM').every((from) => from.startsWith('node:${NODE}'))).toBe(true);
  });

  test('ends as an ordinary user, with a health check, and runs node itself so that it hears SIGTERM', () => {
    expect(of('USER', last)).toEqual(['node']);
    expect(of('HEALTHCHECK', last)[0]).toContain('/healthz');
    expect(of('CMD', last)).toEqual(['["node", "server/start.js"]']);
    expect(of('STOPSIGNAL', last)).toEqual(['SIGTERM']);
  });

  test('holds no secret and installs exactly what the lock file says', () => {
    expect(lines.filter((line) => /^(ENV|ARG)\b.*(SECRET|PASSWORD|TOKEN|KEY)/i.test(line))).toEqual(
      [],
    );
    expect(lines.filter((line) => /npm (i|install)\b|\bADD\b|curl|wget|sudo/.test(line))).toEqual(
      [],
    );
    expect(lines.filter((line) => line.includes('npm ci'))).toHaveLength(2);
  });

  test('copies only what is there and what its ignore file lets through', () => {
    const ignore = read('Dockerfile.dockerignore').split('\n');
    const sources = of('COPY')
      .filter((copy) => !copy.startsWith('--from='))
      .flatMap((copy) => copy.split(' ').slice(0, -1));
    expect(sources).toContain('server/migrations');
    for (const source of sources) {
      expect([source, existsSync(join(repository, source))]).toEqual([source, true]);
      expect(ignore).toContain(`!${source.split('/')[0]}`);
    }
  });
});
