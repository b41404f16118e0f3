// The wall display: a clock, pages that turn by themselves, and a picture that
// is never in quite the same place.
(() => {
  if (page.kind !== 'kiosk' || !document.getElementById('wall-rows')) return;
  const turnEvery = 15e3;
  const shiftEvery = 5 * 60e3;
  const shifts = [[0, 0], [6, 0], [6, 6], [0, 6]];
  let shift = 0;

  function tick() {
    const box = document.getElementById('clock');
    const text = page.clock();
    if (box && box.textContent !== text) box.textContent = text;
  }

  const view = () => document.getElementById('wall-rows');

  // blocks are what no page may cut: the rows, and of a row that is higher than
  // the screen the cards.
  function blocks() {
    const from = view().getBoundingClientRect().top - view().scrollTop;
    return [...view().children]
      .flatMap((row) => (row.offsetHeight > view().clientHeight ? [...row.querySelectorAll('.card-wall')] : [row]))
      .map((el) => el.getBoundingClientRect())
      .filter((at) => at.height > 0)
      .map((at) => ({ top: at.top - from, bottom: at.bottom - from }));
  }

  // stops are where the pages begin, each with the first block that the page
  // before does not show whole.
  function stops() {
    const height = view().clientHeight;
    const end = view().scrollHeight - height;
    const all = blocks();
    const found = [0];
    for (let at = 0; at < end - 1;) {
      const cut = all.find((b) => b.bottom > at + height + 1);
      at = Math.min(end, cut && cut.top > at + 1 ? cut.top : at + height);
      found.push(at);
    }
    return found;
  }

  // trim leaves out what the page shows in part: it stands whole on another one.
  function trim(pages) {
    const [from, to] = [view().scrollTop, view().scrollTop + view().clientHeight];
    const all = blocks();
    const whole = all.filter((b) => b.top >= from - 1 && b.bottom <= to + 1);
    const above = all.some((b) => b.top < from - 1 && b.bottom > from + 1);
    const below = all.some((b) => b.top < to - 1 && b.bottom > to + 1);
    const top = above && whole.length ? Math.min(...whole.map((b) => b.top)) - from : 0;
    const bottom = below && whole.length ? to - Math.max(...whole.map((b) => b.bottom)) : 0;
    view().style.clipPath = pages > 1 ? `inset(${top}px 0 ${bottom}px)` : '';
  }

  const current = (list) => list.findLastIndex((at) => at <= view().scrollTop + 1);

  function turn() {
    const list = stops();
    view().scrollTop = list[(current(list) + 1) % list.length];
    number();
  }

  function number() {
    const list = stops();
    const box = document.getElementById('wall-page');
    const text = list.length > 1 ? `Page ${current(list) + 1} of ${list.length}` : '';
    if (box && box.textContent !== text) box.textContent = text;
    trim(list.length);
  }

  function nudge() {
    shift = (shift + 1) % shifts.length;
    const [x, y] = shifts[shift];
    document.getElementById('main').style.translate = `${x}px ${y}px`;
  }

  tick();
  number();
  page.onChange(number);
  setInterval(tick, 1000);
  setInterval(turn, turnEvery);
  setInterval(nudge, shiftEvery);
})();
