// The copy of this page for where there is no network: the worker keeps it, and
// this tells it when the page has changed and when to forget it.
(() => {
  const workers = navigator.serviceWorker;
  if (!workers || !window.caches) return;
  const settle = 1500;
  const stillEvery = 60e3;
  let later = 0;
  let told = Date.now();

  // tell reaches the worker also from pages that it does not serve.
  async function tell(what) {
    const found = await workers.getRegistration('/contractor');
    found?.active?.postMessage(what);
  }

  function changed() {
    clearTimeout(later);
    later = setTimeout(() => { later = 0; told = Date.now(); tell('keep'); }, settle);
  }

  // A beat of the stream says that nothing has changed.
  function beat() {
    if (later || Date.now() - told < stillEvery) return;
    told = Date.now();
    tell('still');
  }

  // The worker may be busy keeping, so it must know; and it may not run at all.
  async function forget() {
    clearTimeout(later);
    await Promise.all([tell('forget'), caches.delete('phone-page')]);
  }

  function onSubmit(event) {
    const form = event.target;
    if (!['/logout', '/account/sessions'].includes(form.getAttribute('action')) || 'forgotten' in form.dataset) return;
    event.preventDefault();
    form.dataset.forgotten = '';
    Promise.race([forget(), new Promise((done) => { setTimeout(done, 1000); })]).finally(() => form.submit());
  }

  async function install() {
    // A page that a worker gave is looked after. Registered again, a worker that
    // has just retired would come back.
    if (workers.controller) return;
    await workers.register('/sw.js', { scope: '/contractor' });
    await workers.ready;
    changed(); // the page came before there was a worker to keep it
  }

  document.addEventListener('submit', onSubmit);
  page.onSignedOut(forget);
  if (page.kind !== 'contractor') return;
  page.onDrawn(changed);
  page.live.addEventListener('htmx:sse:before:message', (event) => { if (event.detail.message.event === 'hb') beat(); });
  // Without a worker the page only needs a network.
  addEventListener('load', () => install().catch(() => {}));
})();
