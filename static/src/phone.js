// The list on a phone: the next job is open and big, and what the reader opened
// or closed stays so when its card is drawn anew.
(() => {
  const rows = () => [...document.querySelectorAll('.card-phone')];
  // chosen holds by card what the reader did with it.
  const chosen = new Map();
  // done are the states after which nothing is left to do.
  const done = '.st-completed, .st-incomplete';

  function draw() {
    const list = rows();
    const next = list.find((card) => card.dataset.when !== 'past' && !card.querySelector(done));
    for (const card of list) {
      card.toggleAttribute('data-next', card === next);
      const box = card.querySelector('details');
      const open = chosen.get(card.id) ?? card === next;
      if (box.open !== open) box.open = open;
    }
  }

  document.addEventListener('click', (event) => {
    const box = event.target.closest?.('.phone-sum')?.parentElement;
    // It opens or closes after this.
    if (box) chosen.set(box.closest('.card-phone').id, !box.open);
  });
  page.onDrawn(draw);
  page.onChange(draw);
  draw();
})();
