// A part of a page that reads itself again: not while nobody looks at it, and
// saying so when it could not. The part may be another element after each reading.
(() => {
  const state = document.getElementById('poll-state');
  const words = state?.querySelector('.script-only');
  const usual = words?.textContent;
  let since = page.clock(new Date(), true);

  const polls = ({ ctx }) => ctx.sourceElement?.matches?.('[data-poll]');

  document.addEventListener('htmx:before:request', (event) => {
    if (document.hidden && polls(event.detail)) event.preventDefault();
  });

  function say(text, late) {
    if (words.textContent !== text) words.textContent = text;
    state.classList.toggle('late', late);
  }

  document.addEventListener('htmx:finally:request', (event) => {
    if (!state || !polls(event.detail)) return;
    const { ctx } = event.detail;
    if (ctx.status === 'swapped' && ctx.response?.status === 200) {
      since = page.clock(new Date(), true);
      say(usual, false);
      return;
    }
    say(`No answer since ${since}. What stands here is older.`, true);
  });
})();
