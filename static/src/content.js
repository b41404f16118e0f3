// The content of a page: reading it again, and keeping the reader's place in
// it while cards come and go.
const content = (() => {
  const anchors = '.card-open, .lane, .card-phone, .wall-row';
  const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]';

  const box = () => document.getElementById('content');
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  // read returns the fresh page, null when the session is gone; it tries until
  // it has an answer, since there is nothing better to do.
  async function read() {
    for (let pause = 1000; ; pause = Math.min(pause * 2, 15e3)) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, credentials: 'same-origin', cache: 'no-store' });
        if (answer.status === 401 || answer.status === 403) return null;
        // The page itself says best why it is not there any more.
        if (answer.status === 404) { rights.reload(); return new Promise(() => {}); }
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
          // Redirected to the sign-in: there is no such content there.
          if (!fresh.getElementById('content') || !fresh.getElementById('live')) return null;
          return fresh;
        }
      } catch { /* no network: try again */ }
      await wait(pause * (0.5 + Math.random()));
    }
  }

  // reload puts the fresh content in place and returns the fresh live element.
  async function reload() {
    const fresh = await read();
    if (!fresh) return null;
    const place = keep();
    const target = box();
    await htmx.swap({ sourceElement: target, target, text: fresh.getElementById('content').outerHTML, swap: 'outerMorph' });
    const count = document.getElementById('unrouted-count');
    const freshCount = fresh.getElementById('unrouted-count');
    if (count && freshCount) count.replaceWith(document.importNode(freshCount, true));
    restore(place);
    return fresh.getElementById('live');
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
    const card = document.getElementById(was.cardId);
    let el = card?.querySelectorAll(focusable)[Math.max(0, was.index)] || card?.querySelector(focusable);
    // The card is gone: its neighbour, so that the next Tab goes on from there.
    const list = document.getElementById(was.listId);
    el ||= list?.children[Math.min(was.place, list.children.length - 1)]?.querySelector(focusable);
    (el || was.heading)?.focus({ preventScroll: true });
  }

  // restore puts them back after it.
  function restore(was) {
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
    for (const job of jobs) {
      const card = document.getElementById(`card-${job}`);
      if (!card) continue;
      card.dataset.fresh = '';
      setTimeout(() => card.removeAttribute('data-fresh'), 4000);
    }
  }

  return { reload, keep, restore, mark };
})();
