// What the reader may see has changed while he looked at it.
const rights = (() => {
  const store = 'rights-changed';
  const words = 'What you may see was changed just now.';
  const lost = 'You may not see that page any more. This is your start page.';

  function say(text) {
    const place = document.getElementById('content') || document.getElementById('main');
    if (!place || page.kind === 'kiosk') return;
    const note = document.createElement('p');
    note.id = 'rights-note';
    note.className = 'banner banner-info';
    note.setAttribute('role', 'status');
    note.textContent = text;
    document.getElementById('rights-note')?.remove();
    place.prepend(note);
  }

  // reload shows what there is for the reader now, once the server gives it: a
  // display would stay on an error page for ever.
  function reload() {
    sessionStorage.setItem(store, 'reloaded');
    content.leave(location.href);
  }

  // changed leaves an open form alone: what is typed there is not lost.
  function changed() {
    if (!document.querySelector('#workbench form')) { reload(); return; }
    live.refresh().then(() => say(words));
  }

  // arrive goes on from a page that is no longer the reader's, once.
  function arrive() {
    const was = sessionStorage.getItem(store);
    if (!was) return;
    sessionStorage.removeItem(store);
    if (was === 'reloaded' && document.querySelector('.failure-code')) {
      sessionStorage.setItem(store, 'sent home');
      location.replace('/');
      return;
    }
    say(was === 'reloaded' ? words : lost);
  }

  arrive();
  return { changed, reload };
})();
