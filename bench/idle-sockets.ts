import { openSocket } from './_support/load/web-socket-line.ts';

// Holds sockets open and says nothing, as a process of its own: one process may have 20,000 files open at most. It is
// told of people's tokens, opens a socket for each, and says when all were welcomed.

const openAtOnce = 50;

process.on('message', ({ url, tokens }: { url: string; tokens: string[] }) => {
  void openAll(url, tokens).then(() => process.send!('opened'));
});
process.on('disconnect', () => process.exit(0));

async function openAll(url: string, tokens: string[]): Promise<void> {
  const left = [...tokens];
  const openSome = async (): Promise<void> => {
    for (let token = left.pop(); token !== undefined; token = left.pop()) {
      await openSocket(url, token);
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, openSome));
}
