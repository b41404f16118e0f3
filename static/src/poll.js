// A page that reads its own content again: not while nobody looks at it, and
// saying so when it could not.
(() => {
  const box = document.querySelector('[data-poll]');
  const state = document.getElementById('poll-state');
  if (!box || !state) return;
  const usual = state.querySelector('.script-only');
  let since = page.clock(new Date(), true);

  document.addEventListener('htmx:before:request', (event) => {
    if (event.detail.ctx.sourceElement === box && document.hidden) event.preventDefault();
  });

  function say(text, late) {
    if (usual.textContent !== text) usual.textContent = text;
    state.classList.toggle('late', late);
  }

  document.addEventListener('htmx:finally:request', (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== box) return;
    if (ctx.status === 'swapped' && ctx.response?.status === 200) {
      since = page.clock(new Date(), true);
      say('Read again every 5 seconds.', false);
      return;
    }
    say(`No answer since ${since}. What stands here is older.`, true);
  });
})();
