// The workbench says that it waits for what was asked for.
(() => {
  const box = () => document.getElementById('workbench');
  let waiting = null;

  document.addEventListener('htmx:before:request', (event) => {
    const { ctx } = event.detail;
    if (!box() || ctx.target !== box()) return;
    waiting = ctx;
    box().setAttribute('aria-busy', 'true');
  });
  // A request that was replaced by another ends first, and is not waited for.
  document.addEventListener('htmx:finally:request', (event) => {
    if (event.detail.ctx !== waiting) return;
    waiting = null;
    box()?.removeAttribute('aria-busy');
  });
})();
