// Where nobody is signed in: taps wait on this phone for the one who made them.
(async () => {
  const main = document.getElementById('main');
  if (!main || document.querySelector('.who') || page.kind || !window.indexedDB?.databases) return;
  // Asking must not make a store where there never was one.
  if (!(await indexedDB.databases()).some((db) => db.name === 'taps')) return;
  const waiting = (await tapStore.all()).filter((tap) => tap.state !== 'refused').length;
  if (!waiting) return;
  const note = document.createElement('p');
  note.className = 'banner banner-info';
  note.setAttribute('role', 'status');
  note.textContent = `${waiting === 1 ? '1 tap is' : `${waiting} taps are`} kept on this phone. ${waiting === 1 ? 'It is' : 'They are'} sent when you sign in again with your link.`;
  main.prepend(note);
})().catch(() => {});
