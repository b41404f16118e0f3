// The notices on a phone: what was waved away stays away on this phone, though
// the server goes on telling it for a day.
(() => {
  if (!document.getElementById('notices')) return;
  const store = 'notices-read';
  // Longer than the server tells of anything.
  const keepFor = 3 * 24 * 3600e3;
  // What is read here counts even where nothing can be stored.
  let read = {};
  try { read = JSON.parse(localStorage.getItem(store)) || {}; } catch { /* nothing stored */ }

  // Not all of many can be seen at once.
  function count() {
    const list = document.getElementById('notices');
    const more = document.getElementById('notices-more');
    const words = list.scrollHeight > list.clientHeight + 1 ? `${list.children.length} changes, scroll for all of them` : '';
    if (more.textContent !== words) more.textContent = words;
    more.hidden = !words;
  }

  function hide() {
    for (const notice of document.querySelectorAll('#notices > [data-notice]')) {
      if (Object.hasOwn(read, notice.dataset.notice)) notice.remove();
    }
  }

  function remember(id) {
    const now = Date.now();
    read = Object.fromEntries(Object.entries(read).filter(([, at]) => now - at < keepFor));
    read[id] = now;
    try { localStorage.setItem(store, JSON.stringify(read)); } catch { /* until the page is closed */ }
  }

  document.addEventListener('click', (event) => {
    const notice = event.target.closest?.('[data-dismiss]')?.closest('[data-notice]');
    if (!notice) return;
    remember(notice.dataset.notice);
    hide();
    (document.querySelector('#notices [data-dismiss]') || document.getElementById('main')).focus({ preventScroll: true });
  });
  page.onChange(() => { hide(); count(); });
  hide();
  count();
})();
