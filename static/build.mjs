// Makes the committed outputs, app.js, phone.js and app.css, from their sources.
// Same sources, same bytes: there is no clock, no path and no network in it.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

// One file for the desk and the wall and one for phones, each in this order: htmx
// starts in a timer after its own script, so an extension that arrives later
// would be missed.
const common = [
  'vendor/htmx-4.0.1.min.js',
  'vendor/hx-sse-4.0.1.min.js',
  'vendor/hx-upsert-4.0.1.min.js',
  'src/page.js',
  'src/live.js',
  'src/rights.js',
  'src/content.js',
  'src/when.js',
];
const bundles = {
  'app.js': [
    ...common,
    'src/lanes.js',
    'src/alerts.js',
    'src/board.js',
    'src/form.js',
    'src/place.js',
    'src/keys.js',
    'src/busy.js',
    'src/kiosk.js',
    'src/poll.js',
    'src/copy.js',
    'src/tap_store.js',
    'src/tap_note.js',
  ],
  'phone.js': [
    ...common,
    'src/notices.js',
    'src/kept.js',
    'src/tap_store.js',
    'src/tap_note.js',
    'src/taps.js',
    'src/tap_view.js',
    'src/phone.js',
    'src/receipts.js',
  ],
};

function verifyVendor() {
  for (const line of readFileSync(join(here, 'vendor/SHA256SUMS'), 'utf8').trim().split('\n')) {
    const [sum, name] = line.split(/\s+/);
    const got = createHash('sha256').update(readFileSync(join(here, 'vendor', name))).digest('hex');
    if (got !== sum) throw new Error(`static/vendor/${name} is ${got}, SHA256SUMS says ${sum}`);
  }
}

function bundle(out, scripts) {
  const parts = scripts.map((name) => {
    const text = readFileSync(join(here, name), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '').trim();
    return `/* ${name} */\n${text}\n;\n`;
  });
  writeFileSync(join(here, out), parts.join(''));
}

// styleSheet is app.css with the parts that it names put in where it names them.
function styleSheet() {
  const read = (name) => readFileSync(join(here, 'src', name), 'utf8');
  return read('app.css').replace(/^@import "(.+)";$/gm, (_, name) => read(name).trimEnd());
}

function styles() {
  const cli = join(root, 'node_modules/tailwindcss/lib/cli.js');
  execFileSync(process.execPath, [cli, '-c', 'tailwind.config.js', '-i', '-', '-o', 'static/app.css', '--minify'],
    { cwd: root, input: styleSheet(), stdio: ['pipe', 'inherit', 'pipe'], env: { ...process.env, BROWSERSLIST_IGNORE_OLD_DATA: '1' } });
}

verifyVendor();
for (const [out, scripts] of Object.entries(bundles)) bundle(out, scripts);
styles();
