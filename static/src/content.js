// The content of a page: reading it again, and keeping the reader's place in
// it while cards come and go.
const content = (() => {
  const anchors = '.card-open, .card-row, .lane, .week-row, .card-phone, .wall-row';
  const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]';

  // cardsOf are the cards of a job: one for each who has it, and one in the open
  // list while it waits for somebody.
  const cardsOf = (job) => [...document.querySelectorAll(`#content .card[data-job="${CSS.escape(job)}"]`)];
  const box = () => document.getElementById('content');
  const never = new Promise(() => {});
  const wait = (ms) => new Promise((done) => {
    setTimeout(done, ms);
    window.addEventListener('online', done, { signal: AbortSignal.timeout(ms) });
  });

  // ours fetches one of our own pages; it tries until it has it, since there is
  // nothing better to do. What stands in front of us may answer as well: the
  // error page of a proxy, the sign-in of a network. That is never believed.
  async function ours(address) {
    for (let pause = 1000; ; pause = Math.min(pause * 2, 15e3)) {
      try {
        const answer = await fetch(address, { headers: { Accept: 'text/html' }, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(20e3) });
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
        if (answer.status < 500 && answer.status !== 429 && fresh.querySelector('meta[name="htmx-config"]')) return { answer, fresh };
      } catch { /* no network: try again */ }
      await wait(pause * (0.5 + Math.random()));
    }
  }

  // leave goes to another page once it is there: on an error page there would
  // be no script to come back.
  async function leave(address) {
    await ours(address);
    if (address === location.href) location.reload();
    else location.replace(address);
    return never;
  }

  // read returns the fresh page, null when the session is gone.
  async function read() {
    const { answer, fresh } = await ours(location.href);
    const live = fresh.getElementById('live');
    // Redirected to the sign-in: there is no such content there.
    if (answer.ok && (!live || !fresh.getElementById('content'))) return null;
    // The page itself says best why it is not there any more, and that of
    // somebody else, who has signed in meanwhile, does not fit in here.
    if (!answer.ok || live.dataset.kind !== page.kind || new URL(answer.url).pathname !== location.pathname) {
      rights.reload();
      return never;
    }
    return fresh;
  }

  // put shows the content of a fresh page in place of what is there.
  async function put(fresh) {
    const place = keep();
    const target = box();
    await htmx.swap({ sourceElement: target, target, text: fresh.getElementById('content').outerHTML, swap: 'outerMorph' });
    const count = document.getElementById('unrouted-count');
    const freshCount = fresh.getElementById('unrouted-count');
    if (count && freshCount) count.replaceWith(document.importNode(freshCount, true));
    restore(place);
  }

  // take swaps in fragments that came as an answer, as if the stream had brought them.
  async function take(text) {
    const place = keep();
    await htmx.swap({ sourceElement: page.live, target: page.live, text, swap: 'none' });
    restore(place);
    page.changed();
  }

  function scrollers() {
    const root = box();
    return root ? [document.scrollingElement, ...root.querySelectorAll('.open-scroll, .lanes-scroll')] : [];
  }

  // visibleAnchors are the first few things that the reader sees in a scroller,
  // with their distance from its top.
  function visibleAnchors(scroller) {
    const top = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
    const found = [];
    // First of all what has the focus, if it is in view.
    const held = document.activeElement?.closest?.(anchors);
    for (const el of held && scroller.contains(held) ? [held, ...scroller.querySelectorAll(anchors)] : scroller.querySelectorAll(anchors)) {
      const at = el.getBoundingClientRect();
      if (at.height === 0 || at.bottom <= top) continue;
      found.push({ el, id: el.id, offset: at.top });
      if (found.length === 4) break;
    }
    return found;
  }

  function keepFocus() {
    const el = document.activeElement;
    const card = el?.closest?.('#content [data-job]');
    if (!card) return null;
    const list = card.parentElement;
    return {
      cardId: card.id,
      job: card.dataset.job,
      index: [...card.querySelectorAll(focusable)].indexOf(el),
      listId: list?.id,
      place: list ? [...list.children].indexOf(card) : 0,
      heading: card.closest('section')?.querySelector('[tabindex="-1"]'),
    };
  }

  // keep remembers focus and scroll before a swap.
  function keep() {
    return {
      focus: keepFocus(),
      scroll: scrollers().filter((s) => s.scrollTop > 0).map((s) => ({ scroller: s, anchors: visibleAnchors(s) })),
    };
  }

  function restoreFocus(was) {
    if (!was || (document.activeElement && document.activeElement !== document.body)) return;
    // A job that was given away has another card now.
    const card = document.getElementById(was.cardId) || cardsOf(was.job)[0];
    let el = card?.querySelectorAll(focusable)[Math.max(0, was.index)] || card?.querySelector(focusable);
    // The card is gone: its neighbour, so that the next Tab goes on from there.
    const list = document.getElementById(was.listId);
    el ||= list?.children[Math.min(was.place, list.children.length - 1)]?.querySelector(focusable);
    (el || was.heading)?.focus({ preventScroll: true });
  }

  // restore puts them back after it.
  function restore(was) {
    page.drawn();
    if (!was) return;
    for (const { scroller, anchors: list } of was.scroll) {
      for (const { el, id, offset } of list) {
        const now = el.isConnected ? el : id && document.getElementById(id);
        if (!now || !scroller.contains(now)) continue;
        scroller.scrollTop += now.getBoundingClientRect().top - offset;
        break;
      }
    }
    restoreFocus(was.focus);
  }

  // mark shows for a moment which cards have just changed.
  function mark(jobs) {
    for (const card of [...jobs].flatMap(cardsOf)) {
      card.dataset.fresh = '';
      setTimeout(() => card.removeAttribute('data-fresh'), 4000);
    }
  }

  return { read, put, take, leave, keep, restore, mark, cardsOf };
})();
