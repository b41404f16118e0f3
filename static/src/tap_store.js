// Where the taps of a contractor wait on the phone, in the order of their ids. A
// tap is waiting, being sent, or refused and not yet seen by him.
const tapStore = (() => {
  let opening = null;

  function open() {
    opening ||= new Promise((done, fail) => {
      const request = indexedDB.open('taps', 1);
      request.onupgradeneeded = () => request.result
        .createObjectStore('taps', { keyPath: 'id', autoIncrement: true })
        .createIndex('key', 'key', { unique: true });
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
    return opening;
  }

  // within runs act in one transaction, and gives its last result once that is on
  // the disk.
  async function within(mode, act) {
    const tx = (await open()).transaction('taps', mode, { durability: 'strict' });
    return new Promise((done, fail) => {
      const box = {};
      tx.oncomplete = () => done(box.value);
      tx.onabort = () => fail(tx.error);
      act(tx.objectStore('taps'), box);
    });
  }

  const keep = (box) => ({ target }) => { box.value = target.result; };

  // add fails for a key that is there already.
  const add = (tap) => within('readwrite', (store, box) => { store.add(tap).onsuccess = keep(box); });
  const remove = (id) => within('readwrite', (store) => store.delete(id));
  const all = () => within('readonly', (store, box) => { store.getAll().onsuccess = keep(box); });

  // change gives the tap as it is now to decide, and stores what that returns:
  // undefined leaves it, null removes it. Two tabs cannot both undo and send it.
  const change = (id, decide) => within('readwrite', (store, box) => {
    store.get(id).onsuccess = ({ target }) => {
      const next = target.result && decide(target.result);
      box.value = next !== undefined;
      if (next) store.put(next);
      if (next === null) store.delete(id);
    };
  });

  return { add, remove, all, change };
})();
