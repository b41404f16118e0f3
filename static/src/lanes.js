// What the lanes of a board show beside the cards: the line of now, the ways
// between two jobs of a contractor, and how much of a day is booked. It follows from
// the cards and the clock, so it is drawn anew after each swap.
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

  // wall is what the clock of a zone shows at an instant: a date, and the minutes
  // since its midnight.
  function wall(at, zone) {
    const [date, clock] = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at).split(' ');
    const [h, m] = clock.split(':').map(Number);
    return { date, minutes: h * 60 + m };
  }

  function drawNow() {
    for (const line of document.querySelectorAll('[data-now]')) {
      const { zone, date } = line.closest('.lane-group').dataset;
      const now = wall(page.now(), zone);
      line.hidden = now.date !== date;
      line.style.gridColumnStart = String(Math.floor(now.minutes / 15) + 1);
      line.style.marginInlineStart = `${((now.minutes % 15) / 15) * 100}%`;
    }
  }

  // What two regions of a page both show stands once: in the lane of the contractor,
  // not among the guests, and in the list of the job's own region.
  function hideTwins() {
    const hide = (cards, within) => {
      const ids = new Set([...document.querySelectorAll(within)].map(assignment));
      for (const card of document.querySelectorAll(cards)) {
        const twin = ids.has(assignment(card));
        if (card.hidden !== twin) card.hidden = twin;
      }
    };
    hide('.lanes [id*="-guest-"] > li', '.lanes [data-contractor] .lane-cards > li');
    hide('.job-rows > [data-elsewhere]', '.job-rows > li:not([data-elsewhere])');
  }

  // assignment is the id of it in that of a card or row, after "card-" or "row-".
  const assignment = (el) => el.id.slice(el.id.indexOf('-') + 1).slice(0, 36);

  function hours(minutes) {
    return String(Math.round(minutes / 6) / 10);
  }

  // show writes a load as the server does.
  function show(load, booked, minutes) {
    const words = minutes ? `${hours(booked)} of ${hours(minutes)} h` : booked ? `${hours(booked)} h, off` : '';
    const text = load.querySelector('.load-text');
    const bar = load.querySelector('progress');
    if (text.textContent !== words) text.textContent = words;
    bar.max = Math.max(minutes, 1);
    bar.value = booked;
    bar.toggleAttribute('data-over', booked > minutes);
  }

  function drawLoads() {
    const sums = new Map();
    for (const cell of document.querySelectorAll('.week-cell[data-sum]')) {
      const [from, to] = [Date.parse(cell.dataset.from), Date.parse(cell.dataset.to)];
      const minutes = Number(cell.dataset.minutes);
      let booked = 0;
      for (const card of cell.querySelectorAll('.lane-cards > li')) {
        booked += Math.max(0, Math.min(to, Date.parse(card.dataset.end)) - Math.max(from, Date.parse(card.dataset.start))) / 60e3;
      }
      show(cell.querySelector('[data-load]'), booked, minutes);
      const sum = sums.get(cell.dataset.sum) || { booked: 0, minutes: 0 };
      sums.set(cell.dataset.sum, { booked: sum.booked + booked, minutes: sum.minutes + minutes });
    }
    for (const [id, sum] of sums) show(document.getElementById(id), sum.booked, sum.minutes);
  }

  function draw() {
    drawTravel();
    drawNow();
    hideTwins();
    drawLoads();
  }

  return { draw, wall };
})();
