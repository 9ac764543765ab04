/**
 * An interval as it was meant: the editor closes every “[” by itself, and the “]” stays when somebody ends with “)” or “[”.
 * Whatever is not an interval with one closing sign too many comes back as it is.
 */
export function closedOnce(text: string): string {
  if (!text.includes('..')) return text;
  const count = (sign: string) => text.split(sign).length - 1;
  const half = /\)\]\s*$/.test(text) && count(')') > count('(');
  const open = /^\s*[[\](].*\.\..*\[\]\s*$/.test(text);
  return half || open ? text.replace(/\]\s*$/, '') : text;
}
