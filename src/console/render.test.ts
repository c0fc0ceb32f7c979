import { expect, test } from 'vitest'
import { buildWeb } from '../web.ts'
import { render, styleRoutes } from './render.ts'

test('the style sheet holds nothing that belongs to GOV.UK alone, and no address', async () => {
  const web = await buildWeb({ logger: false, requestsPerSecondMax: 1000, version: '0.0.0', addRoutes: styleRoutes })
  await web.ready()
  const page = render({ template: 'layout.njk', title: 'A page', view: {} })
  const [, path = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(page) ?? []
  const { statusCode, headers, payload } = await web.inject({ url: path })
  expect({ statusCode, type: headers['content-type'] }).toEqual({ statusCode: 200, type: 'text/css; charset=utf-8' })
  expect(payload).toContain('.govuk-button')
  expect(payload).not.toMatch(/GDS Transport|@font-face|url\(|crest/i)
  expect(page).not.toMatch(/<script|crown|GOV\.UK/i)
  await web.close()
})
