// Short cuts of the board, and where the reader was when he comes back to it.
(() => {
  const root = document.querySelector('main.board');
  if (!root) return;
  const dialog = document.getElementById('keys');
  const off = () => localStorage.getItem('keys') === 'off';

  function nextCard(by) {
    const cards = [...root.querySelectorAll('[data-open] > li:not([hidden])')];
    const at = cards.indexOf(document.activeElement?.closest('.card-open'));
    const card = cards[at < 0 ? 0 : Math.max(0, Math.min(cards.length - 1, at + by))];
    const assign = card?.querySelector('.card-actions a:last-child');
    (assign?.checkVisibility() ? assign : card?.querySelector('.card-link'))?.focus();
  }

  // look goes to another view, unless what is typed would be lost.
  const look = (view) => () => {
    if (!root.querySelector('#workbench form[data-dirty]')) root.querySelector(`[data-view-link="${view}"]`)?.click();
  };

  const acts = {
    '/': () => document.getElementById('filter-q')?.focus(),
    j: () => nextCard(1),
    k: () => nextCard(-1),
    p: () => place.lead(),
    d: look('day'),
    w: look('week'),
    b: look('jobs'),
    '?': () => dialog.showModal(),
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.open) return;
    if (event.target.closest('input:not([type="radio"], [type="checkbox"]), select, textarea') || off() && event.key !== '?') return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  document.addEventListener('keydown', onKey);
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-keys]')) dialog.showModal();
  });
  const single = document.getElementById('keys-on');
  single.checked = !off();
  single.addEventListener('change', () => localStorage.setItem('keys', single.checked ? 'on' : 'off'));

  // The place in the lists and what stood in the workbench are kept for this
  // address, for whoever comes back to it or loads it again.
  const scrollers = () => ['.open-scroll', '.lanes-scroll'].map((s) => root.querySelector(s)).filter(Boolean);
  const here = () => `board ${location.pathname}${location.search}`;
  let panel = '';
  document.addEventListener('htmx:after:swap', (event) => {
    const { ctx } = event.detail;
    if (ctx.target?.id === 'workbench' && ctx.request.method === 'GET') panel = ctx.request.action;
  });
  addEventListener('pagehide', () => {
    const open = document.getElementById('workbench').firstElementChild ? panel : '';
    const was = { panel: open, scroll: scrollers().map((el) => [el.scrollTop, el.scrollLeft]), page: scrollY };
    sessionStorage.setItem(here(), JSON.stringify(was));
  });

  const came = performance.getEntriesByType('navigation')[0]?.type;
  const was = JSON.parse(sessionStorage.getItem(here()) || 'null');
  if (!was || !['back_forward', 'reload'].includes(came)) return;
  scrollers().forEach((el, i) => { [el.scrollTop, el.scrollLeft] = was.scroll[i] || [0, 0]; });
  scrollTo(0, was.page);
  if (was.panel.startsWith('/jobs/') || was.panel.startsWith('/assignments/')) htmx.ajax('GET', was.panel, { target: '#workbench' });
})();
