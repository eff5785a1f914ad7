import type { Plugin } from 'vite';
import { discPath, DISC_SIZE } from '../src/disc/geometry.ts';

/** Reads on light and dark tab strips alike, which a page cannot ask about. */
const COLOUR = '#C9700F';

function svg(shapes: string): string {
  const box = `0 0 ${DISC_SIZE} ${DISC_SIZE}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${shapes}</svg>\n`;
}

const disc = `<path fill="${COLOUR}" d="${discPath(55 / 60)}"/>`;

/** One gap around the dot, as in the tray, so that it stays a dot at 16 px. */
const unread = svg(
  `<mask id="gap"><rect width="100" height="100" fill="#fff"/><circle cx="76" cy="76" r="32" fill="#000"/></mask>` +
    `<g mask="url(#gap)">${disc}</g><circle cx="76" cy="76" r="24" fill="#B3261E"/>`,
);

const ICONS: Record<string, string> = { 'favicon.svg': svg(disc), 'favicon-unread.svg': unread };

/**
 * Draws the favicons from the same geometry as the disc in the page. They are files because the
 * hub's content security policy allows no `data:` image.
 */
export function favicons(): Plugin {
  return {
    name: 'rappel-favicons',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const icon = ICONS[(request.url ?? '').slice(1)];
        if (icon === undefined) return next();
        response.setHeader('Content-Type', 'image/svg+xml');
        response.end(icon);
      });
    },
    generateBundle() {
      for (const [fileName, source] of Object.entries(ICONS)) {
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}
