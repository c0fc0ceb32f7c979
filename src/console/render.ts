import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyReply } from 'fastify'
import nunjucks from 'nunjucks'
import type { App } from '../access/app.ts'

/** One page, as a template of this room draws it. */
export interface Page {
  /** Its template below `src/console/`, for example `alert/page.njk`. */
  template: string
  /** What the browser's tab says. It names nobody: it stands in the history of a shared machine. */
  title: string
  /** What the template reads; everything is escaped. */
  view: object
  status?: number
}

const here = fileURLToPath(new URL('.', import.meta.url))
/** Its dist/ folder, which has the components' templates and the styles as they are shipped. */
const govuk = dirname(dirname(fileURLToPath(import.meta.resolve('govuk-frontend/dist/govuk/index.mjs'))))

const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader([here, govuk]), {
  autoescape: true,
  throwOnUndefined: false,
  trimBlocks: true,
  lstripBlocks: true,
})

const styles = readStyles()
const stylesPath = `/assets/daymark-${createHash('sha256').update(styles).digest('hex').slice(0, 12)}.css`

/**
 * What a page may do: be drawn with our own styles and send forms to us. No script runs, ours or anybody's, no page may frame
 * it, and where it leads is told nowhere.
 */
const POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Draws a page to HTML that works without JavaScript. */
export function render(page: Page): string {
  return environment.render(page.template, { ...page.view, title: page.title, stylesPath })
}

/** Answers with a page. Nothing of it is kept by a browser or on the way. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply
    .code(page.status ?? 200)
    .headers({ 'content-security-policy': POLICY, 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow' })
    .type('text/html; charset=utf-8')
    .serializer((html: unknown) => String(html))
    .send(render(page))
}

/** The one style sheet of every page; its name changes with what it says, so it may be kept. */
export function styleRoutes(app: App): void {
  app.get(stylesPath, { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=31536000, immutable').type('text/css; charset=utf-8').send(styles),
  )
}

/**
 * The styles govuk-frontend ships, without what belongs to GOV.UK alone: its typeface is licensed for gov.uk and nowhere
 * else, and its crest is the Crown's. Then our own few rules.
 */
function readStyles(): string {
  const shipped = readFileSync(`${govuk}/govuk/govuk-frontend.min.css`, 'utf8')
  const ours = readFileSync(`${here}/daymark.css`, 'utf8')
  const plain = shipped
    .replace(/@font-face\{[^}]*\}/g, '')
    .replaceAll(/font-family:("?)GDS Transport\1,/g, 'font-family:')
    .replaceAll(/url\([^)]*govuk-crest\.svg\)/g, 'none')
    .replace(/\/\*# sourceMappingURL=.*$/s, '')
  return `${plain}\n${ours}`
}
