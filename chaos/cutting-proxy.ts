import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

// Stands between Aside and PostgreSQL and cuts lines at the worst moment: the commit has reached the server and is
// carried out, and its answer gets lost. Watches the answers, so it needs not know how the commit was asked for.

export interface CuttingProxy {
  url: string;
  /** Each commit whose answer passes from now on is lost with this probability, its line cut. */
  loseCommits(probability: number): void;
  /** Commits whose answer was lost. */
  readonly lost: number;
  stop(): Promise<void>;
}

/** `isLost` draws whether this one is; from the run's own chance. */
export async function cuttingProxy(databaseUrl: string, draw: () => number): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let probability = 0;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk: Buffer) => {
      if (probability === 0 || !chunk.includes(committed) || draw() >= probability) {
        client.write(chunk);
        return;
      }
      lost += 1;
      client.resetAndDestroy();
      upstream.destroy();
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseCommits(given) {
      probability = given;
    },
    get lost() {
      return lost;
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** CommandComplete with the tag COMMIT, as PostgreSQL's protocol 3 writes it. */
const committed = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1');
