import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { aChromium, noBrowser } from '../../test/support/chromium.ts'
import { aSchoolLink } from '../../test/support/school-link.ts'

const WIDTHS = [1280, 320]
/** An accessibility checker reads every page twice, on two busy cores. */
const LONG_MS = 90_000
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

describe.skipIf(noBrowser)('in a browser', () => {
  beforeAll(async () => void (await aChromium()))

  /** A school's link on a server that listens, and a browser of its own. */
  async function aSchoolAtItsDesk(width: number, javaScriptEnabled = true) {
    const link = await aSchoolLink()
    const url = await link.web.listen({ host: '127.0.0.1', port: 0 })
    const context = await (await aChromium()).newContext({ viewport: { width, height: 900 }, javaScriptEnabled })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) complaints.push(message.text())
    })
    return { ...link, page, url, complaints, done: () => context.close() }
  }

  /** Nothing an accessibility checker finds, nothing wider than the screen, and a picture for whoever asks for one. */
  async function holds(page: Page, name: string, width: number): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
    expect(violations.map(({ id, nodes }) => ({ name, id, nodes: nodes.map(({ html }) => html) }))).toEqual([])
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    expect({ name, wide: Number(wide) <= width }).toEqual({ name, wide: true })
    const folder = process.env.DAYMARK_TEST_PICTURES
    if (folder) await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true })
  }

  test.each(WIDTHS)('every page behind a link can be used by everybody, %i pixels wide', { timeout: LONG_MS }, async (width) => {
    const { page, url, path, browser, complaints, another, done } = await aSchoolAtItsDesk(width)
    await page.goto(`${url}${path}`)
    await holds(page, 'waiting', width)
    await page.getByRole('button', { name: 'Open it now' }).click()
    await holds(page, 'alert', width)
    await page.getByRole('button', { name: 'I am the key adult and I have this' }).click()
    await holds(page, 'answered', width)
    await page.getByRole('link', { name: 'Read it again' }).click()
    await holds(page, 'alert-acknowledged', width)
    const forwarded = await another('deputy')
    await browser.press(forwarded)
    await page.goto(`${url}${forwarded}`)
    await holds(page, 'opened-elsewhere', width)
    await page.goto(`${url}/a/nothing`)
    await holds(page, 'no-such-link', width)
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([])
    await done()
  })

  test('every page works without JavaScript and by keyboard alone', async () => {
    const { page, url, path, rig, dispatch, done } = await aSchoolAtItsDesk(1280, false)
    await page.goto(`${url}${path}`)
    await page.getByRole('button', { name: 'Open it now' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Alert about a child at your school' }).waitFor()
    await page.getByRole('button', { name: 'I am the deputy and I have this' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('It is on record that the deputy has it').waitFor()
    expect(await rig.worker.query('select state from dispatch where id = $1', [dispatch])).toEqual([{ state: 'acknowledged' }])
    await done()
  })
})
