// What a contractor's page tells the server of what it shows: that a card is in
// it, and that it was looked at for a second. Told at least once and kept until
// the server has it, also over a reload.
(() => {
  if (page.kind !== 'contractor') return;
  const store = 'receipts';
  const rungs = ['on-screen', 'seen'];
  // A little more than a card has to be in view, so that both rungs go together.
  const pause = 1200;
  const seenAfter = 1000;
  const most = 50;
  const kept = 300;
  // told holds the highest rung that the server has by news, waiting what it has
  // yet to get: [rung, milliseconds] each.
  let told = {};
  let waiting = {};
  try { ({ told = {}, waiting = {} } = JSON.parse(localStorage.getItem(store)) || {}); } catch { /* nothing stored */ }
  const inView = new Map();
  let timer = 0;
  let sending = false;
  let failures = 0;

  const newest = (map) => Object.fromEntries(Object.entries(map).slice(-kept));
  function save() {
    told = newest(told);
    waiting = newest(waiting);
    try { localStorage.setItem(store, JSON.stringify({ told, waiting })); } catch { /* until the page is closed */ }
  }

  function note(news, rung) {
    const key = `${news}:${rungs[rung]}`;
    if ((told[news] ?? -1) >= rung || Object.hasOwn(waiting, key)) return;
    waiting[key] = Date.now();
    save();
    plan(pause);
  }

  function plan(after) {
    if (!timer && !sending) timer = setTimeout(send, after);
  }

  async function send() {
    clearTimeout(timer);
    timer = 0;
    const batch = Object.entries(waiting).slice(0, most);
    if (sending || batch.length === 0) return;
    sending = true;
    let status = 0;
    try {
      const body = new URLSearchParams(batch.map(([key, at]) => ['receipt', `${key}:${at}`]));
      // It goes on when the page is left.
      status = (await fetch('/receipts', { method: 'POST', body, keepalive: true, credentials: 'same-origin', redirect: 'manual' })).status;
    } catch { /* no network: later */ }
    sending = false;
    // What can never be taken is not sent again and again.
    const done = status === 204 || status === 422;
    failures = done ? 0 : failures + 1;
    if (done) {
      for (const [key] of batch) {
        const cut = key.lastIndexOf(':');
        const news = key.slice(0, cut);
        told[news] = Math.max(told[news] ?? -1, rungs.indexOf(key.slice(cut + 1)));
        delete waiting[key];
      }
      save();
    }
    if (Object.keys(waiting).length > 0) plan(done ? pause : Math.min(pause * 2 ** failures, 60e3));
  }

  // A card is looked at for a second, or not at all: leaving it begins anew.
  function look(el) {
    const news = el.dataset.news;
    const view = inView.get(el);
    clearTimeout(view?.timer);
    if (view?.visible && !document.hidden) view.timer = setTimeout(() => note(news, rungs.indexOf('seen')), seenAfter);
  }

  // Half of the card, or of the screen where the card is higher than that.
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of entries) {
      const visible = isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height >= (rootBounds?.height ?? innerHeight) / 2);
      const view = inView.get(target);
      if (!view || view.visible === visible) continue;
      view.visible = visible;
      look(target);
    }
  }, { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1] });

  function scan() {
    for (const [el, view] of inView) {
      if (el.isConnected && el.dataset.news === view.news) continue;
      clearTimeout(view.timer);
      observer.unobserve(el);
      inView.delete(el);
    }
    for (const el of document.querySelectorAll('#content [data-news]:not([data-news$=":0"])')) {
      if (inView.has(el)) continue;
      inView.set(el, { news: el.dataset.news, visible: false, timer: 0 });
      note(el.dataset.news, rungs.indexOf('on-screen'));
      observer.observe(el);
    }
  }

  document.addEventListener('visibilitychange', () => {
    for (const el of inView.keys()) look(el);
    if (document.hidden) send();
  });
  window.addEventListener('pagehide', send);
  window.addEventListener('online', send);
  page.onChange(scan);
  scan();
  if (Object.keys(waiting).length > 0) plan(pause);
})();
