// The board: filter, counts and the line of now. None of it is in the cards as
// the server draws them, so a card in the stream equals the card in the page; it
// is put on again after every swap.
const board = (() => {
  const root = document.querySelector('main.board');

  // fold makes what is typed like data-text, where the server did the same.
  function fold(text) {
    return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
  }

  function setText(id, text) {
    const el = document.getElementById(id);
    if (el && el.textContent !== text) el.textContent = text;
  }

  function applyFilter() {
    const form = document.getElementById('filter');
    const list = root.querySelector('[data-open]');
    if (!form || !list) return;
    const words = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    const skill = form.elements.skill.value;
    const priority = form.elements.priority.value;
    let shown = 0;
    for (const card of list.children) {
      const hit = words.every((w) => card.dataset.text.includes(w))
        && (!skill || card.dataset.skills.split(' ').includes(skill))
        && (!priority || card.dataset.priority === priority);
      if (card.hidden === hit) card.hidden = !hit;
      if (hit) shown += 1;
    }
    const all = list.children.length;
    setText('count-open', String(all));
    setText('count-shown', shown === all ? String(all) : `${shown} of ${all}`);
    document.getElementById('no-match').hidden = all === 0 || shown > 0;
    setText('count-assigned', String(root.querySelectorAll('.lane-cards > li').length));
    if (root.dataset.region === 'unrouted') setText('unrouted-count', String(all));
    const unrouted = document.getElementById('unrouted-count');
    unrouted?.classList.toggle('badge-warn', unrouted.textContent.trim() !== '0');
  }

  // The filter stays in the address, so that a reload keeps it.
  function rememberFilter(form) {
    const url = new URL(location.href);
    for (const name of ['q', 'skill', 'priority']) {
      const value = form.elements[name].value;
      if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
    }
    history.replaceState(history.state, '', url);
  }

  function nowLine() {
    const line = document.getElementById('now-line');
    const shown = document.getElementById('content')?.dataset.date;
    if (!line) return;
    line.hidden = shown !== page.localDate();
    if (line.hidden) return;
    const [h, m] = page.clock().split(':').map(Number);
    const minutes = h * 60 + m;
    line.style.gridColumnStart = String(Math.floor(minutes / 15) + 1);
    line.style.marginInlineStart = `${((minutes % 15) / 15) * 100}%`;
  }

  // showDay brings the working day into view when not all of it fits, until the
  // reader has scrolled himself.
  function showDay() {
    const lanes = document.getElementById('lanes');
    const six = lanes?.querySelector('.hour.q-25');
    if (!six || lanes.scrollLeft > 0 || lanes.scrollWidth <= lanes.clientWidth) return;
    const head = lanes.querySelector('.scale-head').offsetWidth;
    lanes.scrollLeft += six.getBoundingClientRect().left - lanes.getBoundingClientRect().left - head;
  }

  // select marks the card whose job stands in the workbench.
  function select() {
    const job = document.querySelector('#workbench [data-job], #workbench [data-panel-job]');
    const id = job && (job.dataset.job || job.dataset.panelJob);
    for (const card of document.querySelectorAll('#content [data-selected]')) {
      if (card.dataset.job !== id) card.removeAttribute('data-selected');
    }
    if (id) content.cardsOf(id).forEach((card) => card.setAttribute('data-selected', ''));
    const working = !!document.getElementById('workbench')?.firstElementChild;
    if (!root || root.hasAttribute('data-working') === working) return;
    root.toggleAttribute('data-working', working);
    if (working) showDay();
  }

  function refresh() {
    applyFilter();
    lanes.drawTravel();
    nowLine();
    select();
  }

  function start() {
    if (!root) return;
    page.onChange(refresh);
    refresh();
    document.addEventListener('input', (event) => {
      const form = event.target.closest?.('#filter');
      if (!form) return;
      applyFilter();
      rememberFilter(form);
    });
    document.addEventListener('submit', (event) => {
      if (event.target.id !== 'filter') return;
      event.preventDefault();
      applyFilter();
    });
    // Cards carry no date, so the page adds its own.
    document.addEventListener('htmx:config:request', (event) => {
      const { ctx } = event.detail;
      if (ctx.request.method !== 'GET' || ctx.sourceElement === page.live) return;
      const date = document.getElementById('content')?.dataset.date;
      if (date) ctx.request.body.set('date', date);
    });
  }

  start();
  return { select };
})();
