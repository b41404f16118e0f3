// The wall display: a clock, pages that turn by themselves, and a picture that
// is never in quite the same place.
(() => {
  const rows = document.getElementById('wall-rows');
  if (page.kind !== 'kiosk' || !rows) return;
  const turnEvery = 15e3;
  const shiftEvery = 5 * 60e3;
  const shifts = [[0, 0], [6, 0], [6, 6], [0, 6]];
  let shift = 0;

  function tick() {
    const box = document.getElementById('clock');
    const text = page.clock();
    if (box && box.textContent !== text) box.textContent = text;
  }

  function list() {
    return [...document.querySelectorAll('#wall-rows > .wall-row')];
  }

  // turn goes to the first row that is not wholly visible, or back to the top.
  function turn() {
    const view = document.getElementById('wall-rows');
    const bottom = view.getBoundingClientRect().bottom;
    const next = list().find((row) => row.getBoundingClientRect().bottom > bottom + 1);
    const atEnd = view.scrollTop + view.clientHeight >= view.scrollHeight - 1;
    if (!next || atEnd) view.scrollTop = 0;
    else view.scrollTop += next.getBoundingClientRect().top - view.getBoundingClientRect().top;
    number();
  }

  function number() {
    const view = document.getElementById('wall-rows');
    const box = document.getElementById('wall-page');
    const pages = Math.ceil(view.scrollHeight / view.clientHeight - 0.01);
    const text = pages > 1 ? `Page ${Math.min(pages, Math.ceil(view.scrollTop / view.clientHeight) + 1)} of ${pages}` : '';
    if (box && box.textContent !== text) box.textContent = text;
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
