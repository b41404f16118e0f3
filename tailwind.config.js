/** Tailwind 3.4: colours are CSS variables, so light, dark and kiosk share every class. */
const plugin = require('tailwindcss/plugin');

const colour = (name) => `var(--${name})`;

// A day is 96 quarter hours. .q-N puts a card at the N-th, .n-N makes it N long:
// our Content-Security-Policy forbids style attributes.
const quarters = Object.fromEntries(
  Array.from({ length: 96 }, (_, i) => i + 1).flatMap((n) => [
    [`.q-${n}`, { gridColumnStart: String(n) }],
    [`.n-${n}`, { gridColumnEnd: `span ${n}` }],
  ]),
);

module.exports = {
  content: ['./views/**/*.templ', './static/src/*.js'],
  corePlugins: { container: false },
  theme: {
    colors: Object.fromEntries(
      ['bg', 'surface', 'raised', 'ink', 'muted', 'line', 'edge', 'accent', 'onaccent', 'ok', 'warn', 'bad',
        'accenttint', 'oktint', 'warntint', 'badtint'].map((name) => [name, colour(name)]),
    ),
    extend: {
      fontFamily: {
        sans: ['system-ui', '-apple-system', 'Segoe UI', 'Roboto', 'Noto Sans', 'Ubuntu', 'Cantarell', 'Helvetica Neue', 'Arial', 'sans-serif'],
      },
    },
  },
  // The numbers are put together when a card is drawn, so no scan finds them.
  safelist: Object.keys(quarters).map((selector) => selector.slice(1)),
  plugins: [plugin(({ addUtilities }) => addUtilities(quarters))],
};
