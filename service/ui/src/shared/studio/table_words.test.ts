/// <reference types="vite/client" />
import { expect, test } from 'vitest';
import { TABLE_WORDS } from './table_words';

const ASKED = /[tT]ranslate\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
const TOLD = /(?:label|explanation|title): '((?:[^'\\]|\\.)*)'/g;
const SOURCES: Record<string, string> = import.meta.glob('../../../node_modules/dmn-js-*/lib/**/*.js', { query: '?raw', import: 'default', eager: true });
/** Files that keep their sentences in lists. */
const LISTS = ['HitPolicies.js', 'ReplaceOptions.js', 'DrillDown.js'];

test('every sentence of the table editor has its Chinese', () => {
  const found = new Set<string>();
  for (const [name, text] of Object.entries(SOURCES)) {
    for (const match of text.matchAll(ASKED)) found.add((match[1] ?? match[2] ?? '').replace(/\\(["'])/g, '$1'));
    if (LISTS.some((list) => name.endsWith(`/${list}`))) for (const match of text.matchAll(TOLD)) found.add(match[1] ?? '');
  }
  expect(found.size).toBeGreaterThan(150);
  expect([...found].filter((sentence) => /[A-Za-z]{2}/.test(sentence) && !(sentence in TABLE_WORDS))).toEqual([]);
});
