// What a dispatcher has to see to: offers that are not answered, contractors who
// have not set out, and jobs that came back. It follows from the cards and the
// clock, so it is put on again after every swap and as time goes by.
const alerts = (() => {
  const lateAfter = 15 * 60e3;
  const day = 864e5;

  // of is what is wrong with a card now; null if nothing is.
  function of(card, now) {
    const lost = card.querySelector('.card-lost');
    if (lost) return { level: 'back', words: lost.textContent.trim() };
    const { status, start, offered, answerBy } = card.dataset;
    if (status !== 'assigned' && status !== 'accepted') return null;
    const begins = Date.parse(start);
    if (now >= begins + lateAfter && now < begins + day) return { level: 'late', words: 'Late: not on the way', short: 'Late' };
    if (!answerBy) return null;
    const from = Date.parse(offered);
    const until = Date.parse(answerBy);
    const clock = page.clock(new Date(until));
    if (now >= until) return { level: 'red', words: `No answer by ${clock}`, short: 'No answer' };
    if (now >= from + (until - from) / 2) return { level: 'amber', words: `No answer yet, until ${clock}`, short: 'No answer yet' };
    return null;
  }

  function set(el, text) {
    if (el && el.textContent !== text) el.textContent = text;
  }

  function mark(card, alert) {
    if ((card.dataset.alert || '') !== (alert?.level || '')) {
      if (alert) card.dataset.alert = alert.level; else delete card.dataset.alert;
    }
    set(card.querySelector('.lane-alert'), alert?.short || '');
    // Neither a narrow card's words nor its tooltip are read out.
    const link = card.querySelector('.lane-link');
    let said = link.querySelector('.sr-alert');
    if (!alert) {
      said?.remove();
      if (link.dataset.label) link.title = link.dataset.label;
      delete link.dataset.label;
      return;
    }
    if (!said) {
      said = document.createElement('span');
      said.className = 'sr-only sr-alert';
      link.append(said);
    }
    set(said, alert.words);
    link.dataset.label ||= link.title;
    link.title = `${link.dataset.label}, ${alert.words}`;
  }

  function item(card, alert) {
    const number = card.querySelector('.lane-number, .card-link')?.textContent || '';
    const who = card.closest('[data-contractor]')?.querySelector('.lane-name')?.textContent;
    const row = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `alert alert-${alert.level}`;
    button.dataset.to = card.id;
    button.textContent = [number, who && !card.querySelector('.lane-who') ? who : '', alert.words].filter(Boolean).join(' · ');
    row.append(button);
    return row;
  }

  // draw marks the cards of the board and lists in its head what is wrong.
  function draw() {
    const box = document.getElementById('alerts');
    if (!box) return;
    const now = page.now();
    const rows = [];
    const seen = new Set();
    for (const card of document.querySelectorAll('#content .card-lane, #content .card-open')) {
      const alert = of(card, now);
      if (card.classList.contains('card-lane')) mark(card, alert);
      // A job over midnight, or on two boards of a page, is wrong once.
      const key = `${card.dataset.job} ${alert?.words}`;
      if (!alert || seen.has(key)) continue;
      seen.add(key);
      rows.push(item(card, alert));
    }
    const list = box.querySelector('ul');
    const same = rows.map((r) => r.outerHTML).join('') === list.innerHTML;
    set(box.querySelector('.alerts-count'), String(rows.length));
    box.toggleAttribute('data-some', rows.length > 0);
    if (!same) {
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.to : '';
      list.replaceChildren(...rows);
      if (focused) list.querySelector(`[data-to="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
  }

  document.addEventListener('click', (event) => {
    const to = event.target.closest?.('.alerts [data-to]')?.dataset.to;
    const link = to && document.getElementById(to)?.querySelector('a');
    if (!link) return;
    link.scrollIntoView({ block: 'center', inline: 'center' });
    link.focus({ preventScroll: true });
  });
  page.onChange(draw);
  draw();
  if (document.getElementById('alerts')) setInterval(draw, 5e3);
  return { draw };
})();
