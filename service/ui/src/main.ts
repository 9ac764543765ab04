import '@tabler/core/dist/css/tabler.css';
import './main.css';
import 'htmx.org';

document.body.dataset.ready = 'yes';
