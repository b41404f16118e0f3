// What the modules share: the page's own facts, and the few words it speaks.
const page = (() => {
  const live = document.getElementById('live');
  const listeners = [];
  const readers = [];
  const drawers = [];
  let pendingChanges = 0;
  let lastSpoken = 0;
  let speakTimer = 0;

  // Wall time is that of the page's zone, never the viewer's.
  function zoned(options) {
    const zone = live?.dataset.zone || undefined;
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  }

  function clock(at = new Date(), seconds = false) {
    return zoned({ hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(at);
  }

  // localDate is a date of the page's zone as 2006-01-02.
  function localDate(at = new Date()) {
    const part = Object.fromEntries(zoned({ year: 'numeric', month: '2-digit', day: '2-digit' })
      .formatToParts(at).map((p) => [p.type, p.value]));
    return `${part.year}-${part.month}-${part.day}`;
  }

  // A screen reader hears one summary, at most every five seconds.
  function announceChange() {
    pendingChanges += 1;
    if (speakTimer) return;
    speakTimer = setTimeout(() => {
      const box = document.getElementById('announce');
      if (box) box.textContent = pendingChanges === 1 ? '1 change' : `${pendingChanges} changes`;
      pendingChanges = 0;
      lastSpoken = Date.now();
      speakTimer = 0;
    }, Math.max(200, lastSpoken + 5000 - Date.now()));
  }

  // On a phone the navigation is one line that scrolls.
  const nav = document.querySelector('.nav');
  const here = nav?.querySelector('[aria-current]');
  if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;

  // untouched says that nothing of the reader's would be lost with the page.
  function untouched() {
    const fields = [...document.querySelectorAll('input:not([type="hidden"]), textarea')];
    return !document.querySelector('#workbench form') &&
      fields.every((el) => el.value === el.defaultValue && el.checked === el.defaultChecked);
  }

  return {
    live,
    untouched,
    kind: live?.dataset.kind || '',
    clock,
    localDate,
    announceChange,
    // onChange calls back whenever content has been swapped or time has passed.
    onChange: (fn) => listeners.push(fn),
    changed: () => listeners.forEach((fn) => fn()),
    // onDrawn calls back before the reader's place in fresh content is found again:
    // what is drawn there takes room.
    onDrawn: (fn) => drawers.push(fn),
    drawn: () => drawers.forEach((fn) => fn()),
    // onJobs calls back with the set of jobs that a frame of the stream was about.
    onJobs: (fn) => readers.push(fn),
    jobsChanged: (jobs) => readers.forEach((fn) => fn(jobs)),
  };
})();
