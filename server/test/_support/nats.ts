import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDebian } from '../../../tools/debian.ts';

// Real nats-server processes, on free ports of this machine.

export const hasNats = await ensureDebian(['nats-server']);
export const whyNoNats = 'needs nats-server, and it could not be installed from Debian here';

export interface NatsServer {
  url: string;
  port: number;
  kill(signal: NodeJS.Signals): void;
  /** Starts it again on the same port after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** One server, or several that know each other by routes. All are killed by `stop`. */
export async function startNats(count = 1): Promise<NatsServer[]> {
  const ports = await freePorts(2 * count);
  const routes = ports.slice(count).map((port) => `nats-route://127.0.0.1:${port}`);
  const servers: NatsServer[] = [];
  for (let i = 0; i < count; i += 1) {
    const cluster =
      count === 1
        ? []
        : ['--cluster_name', 'test', '--cluster', routes[i]!, '--routes', routes.join(',')];
    servers.push(await startOne(ports[i]!, cluster));
  }
  return servers;
}

export function natsUrl(servers: readonly NatsServer[]): string {
  return servers.map((server) => server.url).join(',');
}

async function startOne(port: number, more: string[]): Promise<NatsServer> {
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    // Debian has it in /usr/sbin, which is not on everybody's path.
    const path = `${process.env['PATH']}:/usr/sbin`;
    const args = ['-a', '127.0.0.1', '-p', String(port), ...more];
    child = spawn('nats-server', args, { stdio: 'ignore', env: { ...process.env, PATH: path } });
    await reachable(port);
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill: (signal) => void child.kill(signal),
    restart: start,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(25);
  }
  throw new Error('nats-server did not start');
}
