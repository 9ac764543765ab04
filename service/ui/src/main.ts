import '@tabler/core/dist/css/tabler.css';
import './main.css';
import 'htmx.org';
import { startCounts } from './shared/counts';
import { startKeys } from './shared/keys';
import { startTabs } from './shared/tabs';
import { startUndo } from './shared/undo';

document.documentElement.classList.add('has-script');

document.addEventListener('click', (event) => {
  const target = event.target as HTMLElement;
  if (target.closest('[data-print]')) window.print();
  document.querySelectorAll<HTMLDetailsElement>('details.account-menu[open], details.nav-menu[open]').forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
});

startTabs();
startCounts();
startKeys();
startUndo();
// Islands are modules too and run after this one; the page is ready when the last of them has run.
window.addEventListener('load', () => {
  document.body.dataset.ready = 'yes';
});
