import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendNotFound } from './problems.ts';

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'web', 'dist');

/**
 * Serves the web client: files with a hash in their name may be kept forever, the page itself is asked for
 * anew each time. Any address that is not the API's and wants HTML is the page, because it routes by itself.
 */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.log.warn('the web client is not built; run "npm run build --workspace web"');
    app.setNotFoundHandler(sendNotFound);
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.includes(join('dist', 'assets'));
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const wantsPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      !request.url.startsWith('/api/') &&
      (request.headers.accept ?? '').includes('text/html');
    return wantsPage ? reply.sendFile('index.html') : sendNotFound(request, reply);
  });
}
