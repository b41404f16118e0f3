// What the modules share: the page's own facts, and the few words it speaks.
const page = (() => {
  const live = document.getElementById('live');
  const listeners = [];
  const readers = [];
  const drawers = [];
  const leavers = [];
  let pendingChanges = 0;
  let lastSpoken = 0;
  let speakTimer = 0;

  // A leap is more than clocks that are kept right ever differ by.
  const leap = 1000;
  let leapt = 0;
  let was = { wall: Date.now(), steady: performance.now() };
  let told = null;

  // passed counts milliseconds, whatever somebody sets the clock to. The steady
  // clock stands while the machine sleeps, so a leap of the other one ahead of
  // it counts as time that has passed; a leap back counts for nothing.
  function passed() {
    const is = { wall: Date.now(), steady: performance.now() };
    const ahead = (is.wall - was.wall) - (is.steady - was.steady);
    if (ahead > leap) leapt += ahead;
    was = is;
    return is.steady + leapt;
  }

  // now is the time of the server, once that has told it: the clock of a screen
  // on a wall may be a day off. A frame may have waited on its way, so only hello,
  // which answers just now, puts the time back.
  function now() {
    const at = passed();
    return told === null ? Date.now() : told + at;
  }

  function setTime(time, afresh) {
    const lead = Date.parse(time) - passed();
    if (Number.isNaN(lead)) return;
    told = afresh || told === null ? lead : Math.max(told, lead);
  }

  // Wall time is that of the page's zone, never the viewer's.
  function zoned(options) {
    const zone = live?.dataset.zone || undefined;
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  }

  function clock(at = new Date(now()), seconds = false) {
    return zoned({ hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(at);
  }

  // localDate is a date of the page's zone as 2006-01-02.
  function localDate(at = new Date(now())) {
    const part = Object.fromEntries(zoned({ year: 'numeric', month: '2-digit', day: '2-digit' })
      .formatToParts(at).map((p) => [p.type, p.value]));
    return `${part.year}-${part.month}-${part.day}`;
  }

  // moment is a clock, with the day when that is not today.
  function moment(at) {
    const day = localDate(at) === localDate() ? '' : `${zoned({ weekday: 'short', day: 'numeric', month: 'short' }).format(at)}, `;
    return day + clock(at);
  }

  // A screen reader hears one summary, at most every five seconds.
  function announceChange() {
    pendingChanges += 1;
    if (speakTimer) return;
    speakTimer = setTimeout(() => {
      const box = document.getElementById('announce');
      const place = live?.dataset.place ? ` in ${live.dataset.place}` : '';
      if (box) box.textContent = `${pendingChanges === 1 ? '1 change' : `${pendingChanges} changes`}${place}`;
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
    passed,
    now,
    setTime,
    clock,
    localDate,
    moment,
    announceChange,
    // onChange calls back whenever content has been swapped or time has passed.
    onChange: (fn) => listeners.push(fn),
    changed: () => listeners.forEach((fn) => fn()),
    // onDrawn calls back before the reader's place in fresh content is found again:
    // what is drawn there takes room.
    onDrawn: (fn) => drawers.push(fn),
    drawn: () => drawers.forEach((fn) => fn()),
    // onSignedOut calls back when the session has ended.
    onSignedOut: (fn) => leavers.push(fn),
    signedOut: () => leavers.forEach((fn) => fn()),
    // onJobs calls back with the set of jobs that a frame of the stream was about.
    onJobs: (fn) => readers.push(fn),
    jobsChanged: (jobs) => readers.forEach((fn) => fn(jobs)),
  };
})();
