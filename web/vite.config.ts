import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// Builds the page into web/dist: hashed assets, nothing inline (the content security policy forbids it),
// every text file also compressed beside itself so that the server only picks one.

const require = createRequire(import.meta.url);
const emojiFolder = `assets/emoji-${require('emojibase-data/package.json').version as string}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), serveEmoji(), compressBeside()],
  define: { 'import.meta.env.VITE_EMOJI_URL': JSON.stringify(`/${emojiFolder}`) },
  build: {
    // The first versions that know light-dark(), which the colours are written in.
    target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What the first load and the later parts share, in two files instead of twenty.
        codeSplitting: {
          groups: [
            { name: 'libraries', test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: 'shared',
              test: /lucide-react|web\/src\/(ui\/(?!confirm|dialog|field|password|choices)|words\/(?!de)|views\/[a-z-]+\.ts$|views\/(link|pane-header)\.tsx|views\/people\/(use-profile|nobody)|store\/)|protocol\/src/,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: 'http://127.0.0.1:3000', ws: true },
      '/healthz': 'http://127.0.0.1:3000',
    },
  },
});

/** Emoji names in both languages come from our own server, so that opening the picker tells nobody. */
function serveEmoji(): Plugin {
  const files = ['en', 'de'].flatMap((language) =>
    ['data.json', 'messages.json'].map((file) => `${language}/${file}`),
  );
  return {
    name: 'aside-emoji',
    configureServer(server) {
      server.middlewares.use(`/${emojiFolder}`, (request, response, next) => {
        const file = files.find((name) => request.url === `/${name}`);
        if (file === undefined) return next();
        response.setHeader('content-type', 'application/json');
        response.end(leanEmoji(file));
      });
    },
    generateBundle() {
      for (const file of files) {
        this.emitFile({
          type: 'asset',
          fileName: `${emojiFolder}/${file}`,
          source: leanEmoji(file),
        });
      }
    },
  };
}

interface EmojiRow {
  emoji: string;
  label: string;
  group?: number;
  subgroup?: number;
  tags?: string[];
  version: number;
  skins?: { emoji: string; tone: number | number[] }[];
}

/** The fields the picker reads and no others: less than half of the file. */
function leanEmoji(file: string): string {
  const text = readFileSync(require.resolve(`emojibase-data/${file}`), 'utf8');
  if (!file.endsWith('data.json')) return text;
  const rows = (JSON.parse(text) as EmojiRow[]).map(
    ({ emoji, label, group, subgroup, tags, version, skins }) => ({
      emoji,
      label,
      group,
      subgroup,
      tags,
      version,
      skins: skins?.map((skin) => ({ emoji: skin.emoji, tone: skin.tone })),
    }),
  );
  return JSON.stringify(rows);
}

function compressBeside(): Plugin {
  let folder = '';
  return {
    name: 'aside-compress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg|json)$/.test(name)) continue;
        const bytes = readFileSync(join(folder, name));
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
