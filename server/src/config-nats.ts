import { StartupProblem } from './base/startup-problem.ts';
import type { NatsServers } from './delivery/nats-link.ts';

// How other nodes are reached; see the knobs NATS_URL and NATS_PREFIX in config.ts.

/** What is before the @ counts once, for all servers: a name and password, or a token. */
export function natsServers(text: string): NatsServers | null {
  if (text === '') return null;
  const urls = text.split(',').map((word) => {
    const given = word.trim();
    const url = URL.parse(given.includes('://') ? given : `nats://${given}`);
    if (url && ['nats:', 'tls:'].includes(url.protocol) && url.hostname) return url;
    throw new StartupProblem(
      'NATS_URL must be nats:// or tls:// addresses with commas between, such as nats://a:4222,nats://b:4222.',
    );
  });
  const named = urls.find((url) => url.username !== '');
  const [user, pass] = [named?.username ?? '', named?.password ?? ''].map(decodeURIComponent);
  const login = !named
    ? {}
    : named.password === ''
      ? { token: user! }
      : { user: user!, pass: pass! };
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port || '4222'}`),
    ...login,
    tls: urls.some((url) => url.protocol === 'tls:'),
  };
}

/** The first word of all subjects. */
export function natsPrefix(text: string): string {
  if (/^[A-Za-z0-9_-]{1,40}$/.test(text)) return text;
  throw new StartupProblem('NATS_PREFIX must be one word of letters, digits, - and _.');
}
