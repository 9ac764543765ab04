import { startChosen } from '../shared/chosen';
import { startColumns } from '../shared/columns';
import { startSorting } from '../shared/sorting';

sessionStorage.setItem('jiheng-list', location.search);
const start = () => {
  startChosen();
  startColumns();
  startSorting();
};
start();
// The list is replaced whenever something changed or a condition was set.
document.body.addEventListener('htmx:after:swap', () => {
  sessionStorage.setItem('jiheng-list', location.search);
  start();
});
