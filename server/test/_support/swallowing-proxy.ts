import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SwallowingProxy {
  port: number;
  /**
   * From now on every line that is open stays open and carries nothing, in neither direction, as when a machine in
   * between has lost its power. New lines work.
   */
  swallow(): void;
  /** New lines carry nothing either, until told otherwise. */
  setDead(isDead: boolean): void;
  stop(): Promise<void>;
}

/** Stands between a client and a server on this machine. */
export async function swallowingProxy(targetPort: number): Promise<SwallowingProxy> {
  const open = new Set<Socket>();
  let age = 0;
  let isDead = false;
  const server = createServer((client) => {
    const mine = age;
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    const carries = (): boolean => mine === age && !isDead;
    client.on('data', (chunk) => carries() && upstream.write(chunk));
    upstream.on('data', (chunk) => carries() && client.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => carries() && client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => void (age += 1),
    setDead(dead) {
      if (dead) age += 1;
      isDead = dead;
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
