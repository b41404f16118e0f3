// The phone's service worker: keeps the last good page of the contractor and the
// files that it needs, and gives them out where there is no network. Everything
// else goes to the server as if it were not there, the stream above all. Before
// this text stand `build` and `files`, the hashed addresses that a page needs.

const page = '/contractor';
const fileCache = 'phone-files';
const pageCache = 'phone-page';
// Longer than this nobody waits for a page of which there is a copy.
const patience = 3000;
// forgotten counts the sign-outs, so that a page that was asked for before one is
// not kept after it.
let forgotten = 0;

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

// take keeps a file, if it is what its address says: what stands in front of the
// server may answer in its place.
async function take(address) {
  const cache = await caches.open(fileCache);
  if (await cache.match(address)) return;
  const answer = await fetch(address, { signal: AbortSignal.timeout(30e3) });
  const body = await answer.arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  const hash = [...sum.slice(0, 6)].map((b) => b.toString(16).padStart(2, '0')).join('');
  if (!answer.ok || address.split('.').at(-2) !== hash) throw new Error(`${address} is another file`);
  await cache.put(address, new Response(body, { headers: { 'Content-Type': answer.headers.get('Content-Type') } }));
}

async function forget() {
  forgotten += 1;
  await caches.delete(pageCache);
}

function copyOf(headers, kept) {
  const copy = new Headers(headers);
  copy.delete('Content-Encoding');
  copy.delete('Content-Length');
  copy.set('X-Kept', kept);
  return copy;
}

// keep keeps a page with the files that it names, and drops files that neither it
// nor the next page names.
async function keep(answer, text, before) {
  const needed = [...new Set(text.match(/\/static\/[\w-]+\.[0-9a-f]{12}\.(?:css|js)/g))];
  await Promise.all(needed.map(take));
  if (before !== forgotten) return;
  await (await caches.open(pageCache)).put(page, new Response(text, { headers: copyOf(answer.headers, new Date().toISOString()) }));
  const cache = await caches.open(fileCache);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (!needed.includes(pathname) && !files.includes(pathname)) await cache.delete(pathname);
  }
}

// ask asks the server for the page. It returns null when nobody answered, or
// somebody who is not the server: a proxy that lost it, the sign-in of a network.
async function ask(event) {
  const before = forgotten;
  const answer = await fetch(page, { headers: { Accept: 'text/html' }, cache: 'no-store', signal: AbortSignal.timeout(20e3) });
  const text = await answer.text();
  if (answer.status >= 500 || answer.status === 429 || !text.includes('<meta name="htmx-config"')) return null;
  // Who is not signed in, or is somebody else, finds nothing here any more.
  if (answer.redirected || !answer.ok) await forget();
  if (answer.redirected) return Response.redirect(answer.url);
  if (answer.ok) event.waitUntil(keep(answer, text, before).catch(() => {}).then(() => retire(event)));
  return new Response(text, { status: answer.status, headers: copyOf(answer.headers, '') });
}

// kept is the copy, which says in itself of when it is.
async function kept() {
  const copy = await caches.match(page, { cacheName: pageCache });
  if (!copy) return null;
  const text = (await copy.text()).replace('<html ', `<html data-as-of="${copy.headers.get('X-Kept')}" `);
  return new Response(text, { headers: copy.headers });
}

async function open(event) {
  const asked = ask(event).catch(() => null);
  return (await Promise.race([asked, wait(patience)])) || (await kept()) || (await asked) || fetch(event.request);
}

// still says of the copy that it was right until now.
async function still() {
  const cache = await caches.open(pageCache);
  const copy = await cache.match(page);
  const before = forgotten;
  if (!copy) return;
  const text = await copy.text();
  if (before === forgotten) await cache.put(page, new Response(text, { headers: copyOf(copy.headers, new Date().toISOString()) }));
}

// retire ends this worker when the server has none any more, which is asked when a
// page was opened.
async function retire({ type }) {
  if (type !== 'fetch') return;
  const { status } = await fetch('/sw.js', { cache: 'no-store' });
  if (status !== 404 && status !== 410) return;
  await forget();
  await caches.delete(fileCache);
  await registration.unregister();
}

// A new worker takes over at once: it holds nothing that a page in use relies on,
// and the next page that is opened is given by it.
addEventListener('install', (event) => event.waitUntil(Promise.all(files.map(take)).then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && pathname === page) event.respondWith(open(event));
  else if (pathname.startsWith('/static/')) {
    event.respondWith(caches.match(pathname, { cacheName: fileCache }).then((file) => file || fetch(request)));
  }
});

addEventListener('message', (event) => {
  const act = { keep: () => ask(event), still, forget }[event.data];
  if (act) event.waitUntil(act().catch(() => {}));
});
