import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

// Stands between Aside and PostgreSQL and cuts lines at the worst moment: a commit has reached the server and is carried
// out, and its answer gets lost. Watches the answers: a COMMIT, and a statement that wrote messages by itself.

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
      if (probability === 0 || !tellsOfCommit(chunk) || draw() >= probability) {
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

/**
 * CommandComplete with the tag COMMIT, or ReadyForQuery outside a transaction after rows: a statement that was its own
 * transaction. Reads are among those; losing their answers is harmless, and as real.
 */
function tellsOfCommit(chunk: Buffer): boolean {
  return chunk.includes(committed) || (chunk.includes(rowsDone) && chunk.includes(idle));
}

// As PostgreSQL's protocol 3 writes them; SELECT is also what a statement that writes and answers rows is called.
const committed = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1');
const rowsDone = Buffer.from('SELECT ', 'latin1');
const idle = Buffer.from('Z\0\0\0\x05I', 'latin1');
