// The wall display: a clock, pages that turn by themselves, a picture that is
// never in quite the same place, and less light at night.
(() => {
  if (page.kind !== 'kiosk' || !document.getElementById('wall-rows')) return;
  const turnEvery = 15e3;
  const shiftEvery = 5 * 60e3;
  const shifts = [[0, 0], [6, 0], [6, 6], [0, 6]];
  const evening = 21;
  const morning = 6;
  let shift = 0;
  let due = 0;
  // shown are the keys of what stands whole on the page.
  let shown = [];

  function tick() {
    const box = document.getElementById('clock');
    const text = page.clock();
    if (box && box.textContent !== text) box.textContent = text;
    const hour = Number(text.slice(0, 2));
    document.documentElement.classList.toggle('night', hour >= evening || hour < morning);
  }

  const view = () => document.getElementById('wall-rows');
  const keyOf = (el) => el.id || el.getAttribute('aria-labelledby');

  // blocks are what no page may cut, from the top: the rows, and of a row that is
  // higher than the screen the cards.
  function blocks() {
    const from = view().getBoundingClientRect().top + view().clientTop - view().scrollTop;
    return [...view().children]
      .flatMap((row) => (row.offsetHeight > view().clientHeight ? [...row.querySelectorAll('.card-wall')] : [row]))
      .map((el) => ({ key: keyOf(el), at: el.getBoundingClientRect() }))
      .filter(({ at }) => at.height > 0)
      .map(({ key, at }) => ({ key, top: at.top - from, bottom: at.bottom - from }))
      .sort((a, b) => a.top - b.top);
  }

  // whole are those of the blocks that a page which begins at top does not cut.
  const whole = (all, top) => all.filter((b) => b.top >= top - 1 && b.bottom <= top + view().clientHeight + 1);

  // stops are where the pages begin: each with the first block that the page
  // before does not show whole, and one with what stands at held.
  function stops(all, held = 0) {
    const height = view().clientHeight;
    const end = view().scrollHeight - height;
    const found = [0];
    for (let at = 0; at < end - 1;) {
      const cut = all.find((b) => b.bottom > at + height + 1);
      const next = Math.min(end, cut && cut.top > at + 1 ? cut.top : at + height);
      at = held > at + 1 && held < next ? held : next;
      found.push(at);
    }
    return found;
  }

  // trim leaves out what the page shows in part: it stands whole on another one.
  function trim(all, pages) {
    const [from, to] = [view().scrollTop, view().scrollTop + view().clientHeight];
    const here = whole(all, from);
    const above = all.some((b) => b.top < from - 1 && b.bottom > from + 1);
    const below = all.some((b) => b.top < to - 1 && b.bottom > to + 1);
    const top = above && here.length ? Math.min(...here.map((b) => b.top)) - from : 0;
    const bottom = below && here.length ? to - Math.max(...here.map((b) => b.bottom)) : 0;
    view().style.clipPath = pages > 1 ? `inset(${top}px 0 ${bottom}px)` : '';
  }

  const current = (list) => list.findLastIndex((at) => at <= view().scrollTop + 1);

  // settle is for rows that have come, gone, grown or moved: the page that is
  // looked at begins where most of what it showed stands now.
  function settle() {
    const all = blocks();
    const kept = (top) => whole(all, top).filter((b) => shown.includes(b.key)).length;
    const held = all.filter((b) => shown.includes(b.key))
      .reduce((best, b) => (kept(b.top) > best.kept ? { top: b.top, kept: kept(b.top) } : best), { top: view().scrollTop, kept: 0 }).top;
    view().scrollTop = held;
    const list = stops(all, held);
    show(all, list, current(list));
  }

  function turn() {
    const all = blocks();
    const list = stops(all, view().scrollTop);
    show(all, list, (current(list) + 1) % list.length);
  }

  function show(all, list, n) {
    view().scrollTop = list[n];
    shown = whole(all, view().scrollTop).map((b) => b.key);
    const box = document.getElementById('wall-page');
    const text = list.length > 1 ? `Page ${n + 1} of ${list.length}` : '';
    if (box && box.textContent !== text) box.textContent = text;
    trim(all, list.length);
  }

  // soon settles once before the next picture, however much has changed.
  function soon() {
    due ||= requestAnimationFrame(() => { due = 0; settle(); });
  }

  function nudge() {
    shift = (shift + 1) % shifts.length;
    const [x, y] = shifts[shift];
    document.getElementById('main').style.translate = `${x}px ${y}px`;
  }

  tick();
  settle();
  page.onChange(() => { tick(); soon(); });
  // Also a bar that grows in the footer leaves less for the rows.
  new ResizeObserver(settle).observe(view());
  setInterval(tick, 1000);
  setInterval(turn, turnEvery);
  setInterval(nudge, shiftEvery);
})();
