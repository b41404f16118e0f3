// A button that copies the text of a field. Where the browser does not let us,
// the text is selected, so that a key copies it.
(() => {
  async function copy(button) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return;
    }
    button.textContent = 'Copied';
    document.getElementById('announce').textContent = 'Copied';
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-copy]');
    if (button) copy(button);
  });
})();
