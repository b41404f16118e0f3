// What is past and what is now: the clock goes on without the server, so cards
// come without it and get it after every swap.
(() => {
  function mark() {
    const now = page.now();
    for (const card of document.querySelectorAll('.card[data-start][data-end]:not(.card-open)')) {
      const when = Date.parse(card.dataset.end) <= now ? 'past' : Date.parse(card.dataset.start) <= now ? 'now' : 'later';
      if (card.dataset.when !== when) card.dataset.when = when;
    }
  }

  page.onChange(mark);
  mark();
  setInterval(page.changed, 20e3);
})();
