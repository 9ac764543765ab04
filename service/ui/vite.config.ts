import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const outDir = resolve(import.meta.dirname, '../web/static/dist');
const islands = resolve(import.meta.dirname, 'src/islands');

/** One SVG file with the few Tabler icons the templates name: <use href="/static/dist/icons.svg#inbox">. */
function icons(): Plugin {
  return {
    name: 'icons',
    closeBundle() {
      const names = readFileSync(resolve(import.meta.dirname, 'src/icons.txt'), 'utf8').split(/\s+/).filter(Boolean);
      const symbols = names.map((name) => {
        const file = resolve(import.meta.dirname, 'node_modules/@tabler/icons/icons/outline', `${name}.svg`);
        const body = readFileSync(file, 'utf8').replace(/[\s\S]*?<svg[^>]*>/, '').replace('</svg>', '').trim();
        return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
      });
      mkdirSync(outDir, { recursive: true });
      writeFileSync(resolve(outDir, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
    },
  };
}

const taken = /(^|[\s>+~,])\.(empty|placeholder)(?![\w-])/;

/** Tabler's global .empty and .placeholder are also class names of the bpmn.io editors, where they break the layout. */
const withoutTakenNames = {
  postcssPlugin: 'without-taken-names',
  Rule(rule: { source?: { input?: { file?: string } }; selectors: string[]; remove(): void }) {
    if (!/@tabler/.test(rule.source?.input?.file ?? '')) return;
    const kept = rule.selectors.filter((selector) => !taken.test(selector));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  },
};

/** Every file in src/islands is an entry of its own: a page loads only the islands it shows. */
const entries = Object.fromEntries(
  (existsSync(islands) ? readdirSync(islands) : [])
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [file.replace(/\.ts$/, ''), resolve(islands, file)]),
);

export default defineConfig({
  root: import.meta.dirname,
  base: '/static/dist/',
  publicDir: false,
  plugins: [icons()],
  css: { postcss: { plugins: [withoutTakenNames] } },
  build: {
    outDir,
    emptyOutDir: true,
    manifest: 'manifest.json',
    license: true,
    target: 'chrome90',
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input: { main: resolve(import.meta.dirname, 'src/main.ts'), ...entries } },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
