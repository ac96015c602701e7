import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  url: string;
  /** Lets this many more commits pass, then cuts the line of the next one. */
  cutAfterCommits(count: number, when: 'before-commit' | 'after-commit'): void;
  /** The same for the next statement that is a transaction of its own and carries this text. */
  cutAtStatement(text: string, when: 'before-commit' | 'after-commit'): void;
  /** Commits whose line was cut. */
  readonly cuts: number;
  /** True: every line is cut and nobody gets through, as if the server were gone. */
  setDown(isDown: boolean): void;
  stop(): Promise<void>;
}

/**
 * Stands between pg and PostgreSQL. Cuts the client's line when it sees COMMIT: `before-commit` the server never
 * gets it, `after-commit` the server gets it and carries it out, and only its answer is lost.
 */
export async function cuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let left = Infinity;
  let when: 'before-commit' | 'after-commit' = 'after-commit';
  let marker: string | undefined;
  let cuts = 0;
  let down = false;
  const server = createServer((client) => {
    if (down) return void client.resetAndDestroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      const isMarked = marker !== undefined && isStatement(chunk) && chunk.includes(marker);
      if (!isMarked && (!isCommit(chunk) || left-- > 0)) return void upstream.write(chunk);
      [left, marker] = [Infinity, undefined];
      cuts += 1;
      if (when === 'before-commit') upstream.destroy();
      else upstream.end(chunk);
      client.resetAndDestroy();
    });
    upstream.on('data', (chunk) => client.write(chunk));
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutAfterCommits(count, at) {
      [left, when] = [count, at];
    },
    cutAtStatement(text, at) {
      [marker, when] = [text, at];
    },
    get cuts() {
      return cuts;
    },
    setDown(isDown) {
      down = isDown;
      if (down) for (const socket of open) socket.destroy();
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The chunk ends in the simple query COMMIT; a statement may stand before it in the same packet. */
function isCommit(chunk: Buffer): boolean {
  return chunk.subarray(-commit.length).equals(commit);
}

/** The chunk ends in Sync, upon which the server carries out what it was sent. */
function isStatement(chunk: Buffer): boolean {
  return chunk.subarray(-sync.length).equals(sync);
}

const sync = Buffer.from('S\0\0\0\x04', 'latin1');
const commit = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');
