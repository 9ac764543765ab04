const MOST = 3;

/** The order after a click on a heading: alone, or with Shift as a further key; a key clicked again is turned round. */
export function nextOrder(present: string, code: string, further: boolean): string {
  const keys = present.split(',').filter(Boolean);
  const turned = keys.includes(code) ? `-${code}` : code;
  if (!further) return turned;
  const place = keys.findIndex((key) => key.replace('-', '') === code);
  if (place >= 0) keys[place] = turned;
  else keys.push(code);
  return keys.slice(-MOST).join(',');
}

/** Let Shift add a heading to the order instead of replacing it. */
export function startSorting(): void {
  document.querySelectorAll<HTMLAnchorElement>('a[data-sort]').forEach((heading) => {
    heading.addEventListener('click', (event) => {
      if (!event.shiftKey) return;
      event.preventDefault();
      const address = new URL(location.href);
      const order = nextOrder(address.searchParams.get('sort') ?? 'due', heading.dataset.sort ?? '', true);
      address.searchParams.set('sort', order);
      address.searchParams.delete('page');
      location.assign(address);
    });
  });
}
