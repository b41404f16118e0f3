// The list on a phone: the next job is open and big, and what the reader opened
// or closed stays so when its card is drawn anew.
(() => {
  const rows = () => [...document.querySelectorAll('.card-phone')];
  // chosen holds by card what the reader did with it.
  const chosen = new Map();
  // States of a job that he is at, whatever the clock says, and of one that is
  // over. What he has just tapped may still be undone, so it does not count.
  const busy = '.st-tag:not(.tap-made) > :is(.st-en_route, .st-on_site, .st-in_progress, .st-paused)';
  const done = '.st-tag:not(.tap-made) > :is(.st-completed, .st-incomplete)';

  // typed holds by form what was chosen and written in it, as long as it is open.
  const typed = new Map();
  const nameOf = (form) => form.id.replace('-later-', '-');
  const reasons = (form) => [...new FormData(form)].filter(([name]) => name.startsWith('reason'));

  // rewrite brings that back where a card was drawn anew.
  function rewrite() {
    for (const form of document.querySelectorAll('.phone-why:not([open]) > form')) {
      const fields = typed.get(nameOf(form));
      if (!fields) continue;
      form.parentElement.open = true;
      for (const [name, value] of fields) form.elements[name].value = value;
    }
  }

  function draw() {
    rewrite();
    dates();
    const list = rows();
    const next = list.find((card) => card.querySelector(busy)) || list.find((card) => card.dataset.when !== 'past' && !card.querySelector(done));
    for (const card of list) {
      card.toggleAttribute('data-next', card === next);
      const box = card.querySelector('details');
      const open = chosen.get(card.id) ?? (card === next || 'tapped' in card.dataset);
      if (box.open !== open) box.open = open;
    }
  }

  // A copy may be read on another day.
  function dates() {
    const shown = page.live?.dataset.date;
    if (!shown || shown === page.localDate()) return;
    for (const head of document.querySelectorAll('.phone-day h2')) head.textContent = head.textContent.replace(/^(Today|Tomorrow), /, '');
  }

  document.addEventListener('click', (event) => {
    const box = event.target.closest?.('.phone-sum')?.parentElement;
    // It opens or closes after this.
    if (box) chosen.set(box.closest('.card-phone').id, !box.open);
  });
  document.addEventListener('toggle', ({ target }) => {
    if (!target.matches?.('.phone-why') || !target.isConnected) return;
    const [form] = target.getElementsByTagName('form');
    if (target.open) typed.set(nameOf(form), reasons(form));
    else typed.delete(nameOf(form));
  }, true);
  document.addEventListener('input', ({ target }) => {
    if (target.form?.parentElement.matches('.phone-why')) typed.set(nameOf(target.form), reasons(target.form));
  });
  // Before the tap is taken out of the page's hands.
  window.addEventListener('submit', ({ target }) => typed.delete(nameOf(target)), true);
  page.onDrawn(draw);
  page.onChange(draw);
  draw();
})();
