// Unpacks the Chromium that npm carries into the folder for temporary files. A program of its own,
// because the package knows no other place: packed-chromium.ts runs it with TMPDIR set.

import { fileURLToPath } from 'node:url';
import { inflate } from '@sparticuz/chromium';

const packed = new URL('../bin/', import.meta.resolve('@sparticuz/chromium'));

for (const name of ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']) {
  await inflate(fileURLToPath(new URL(name, packed)));
}
