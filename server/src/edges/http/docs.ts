import { errorCatalogue } from '@aside/protocol';
import type { FastifyInstance } from 'fastify';

/** GET /docs/errors: the page that the `type` of a problem body names, with a heading for each code's fragment. */
export function docsRoutes(app: FastifyInstance): void {
  const page = errorsPage();
  app.get('/docs/errors', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page),
  );
}

/** The same as docs/errors.md, from the same catalogue; it has no style, because nothing may be written inline here. */
function errorsPage(): string {
  const sections = Object.entries(errorCatalogue).map(
    ([code, { title, status, detail, remedy }]) =>
      `<h2 id="${code}"><code>${code}</code></h2>\n` +
      `<p>${escaped(title)} (HTTP ${status}). “${escaped(detail)}”</p>\n<p>${escaped(remedy)}</p>\n`,
  );
  return (
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width">\n<title>Aside: errors</title>\n' +
    `<h1>Errors</h1>\n<p>Programs look at <code>code</code>; <code>detail</code> is for people.</p>\n` +
    `${sections.join('')}</html>\n`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
