// What the lanes of a board show beside the cards: the driving between two jobs
// of a contractor. It follows from the cards, so it is drawn anew after each swap.
const lanes = (() => {
  const quarter = 15 * 60e3;

  // column is where a card stands, as the server's classes say: first quarter and
  // the one after its last.
  function column(card) {
    const at = (prefix) => Number([...card.classList].find((c) => c.startsWith(prefix))?.slice(2));
    return { first: at('q-'), end: at('q-') + at('n-') };
  }

  // legs are the ways between the jobs of a lane: how long is left for each.
  function legs(list) {
    const jobs = [...list.children]
      .map((card) => ({ card, start: Date.parse(card.dataset.start), end: Date.parse(card.dataset.end) }))
      .sort((a, b) => a.start - b.start);
    return jobs.slice(1).map((to, i) => ({ from: jobs[i].card, to: to.card, left: to.start - jobs[i].end }));
  }

  // strip is the way to a job: as long as it takes, or as what is left for it.
  function strip(leg, minutes) {
    const el = document.createElement('span');
    const takes = minutes * 60e3;
    const end = column(leg.to).first;
    const quarters = Math.max(1, Math.round(Math.min(takes, leg.left) / quarter));
    el.className = leg.left < takes ? 'travel travel-tight' : 'travel';
    el.style.gridColumn = `${Math.max(1, end - quarters)} / ${end}`;
    const number = (card) => card.querySelector('.lane-number')?.textContent;
    el.title = leg.left < takes
      ? `${Math.max(0, Math.round(leg.left / 60e3))} min from ${number(leg.from)} to ${number(leg.to)}: less than ${minutes} min to get there`
      : `${minutes} min to get to ${number(leg.to)}`;
    return el;
  }

  function drawTravel() {
    for (const box of document.querySelectorAll('[data-travels]')) {
      const minutes = Number(box.closest('[data-travel]').dataset.travel);
      const list = box.parentElement.querySelector('.lane-cards');
      box.replaceChildren(...legs(list).map((leg) => strip(leg, minutes)));
    }
  }

  return { drawTravel, column };
})();
