import { readdir, readFile } from 'node:fs/promises'
import type { Notification } from '../words/notification.ts'
import { londonDay, londonText } from './london-time.ts'

/** How long ago the latest of them was reported: the deadlines then lie ahead, as they do when a force uses the service. */
const REPORTED_MINUTES_AGO = 20

const FOLDER = new URL('./notifications/', import.meta.url)
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/
const DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * The evening's notifications, moved to now: each keeps its distance to the others, and everyone in them keeps their age,
 * so that the demo decides the same whatever the day it is played on.
 */
export async function sampleNotifications(now: Temporal.Instant): Promise<Notification[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort()
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), 'utf8')))
  return movedToNow(texts, now)
}

/** Moves every time and date in these notifications by the same distance. Pure. */
export function movedToNow(texts: readonly string[], now: Temporal.Instant): Notification[] {
  const reported = texts.map((text) => {
    const { incident }: Notification = JSON.parse(text)
    return Temporal.Instant.from(incident.reportedAt)
  })
  const latest = reported.reduce((one, other) => (Temporal.Instant.compare(one, other) >= 0 ? one : other))
  const target = now.round({ smallestUnit: 'minute', roundingMode: 'floor' }).subtract({ minutes: REPORTED_MINUTES_AGO })
  const time = latest.until(target)
  // Days are counted on the calendar: an hour of summer time must not move a birthday.
  const days = londonDay(latest).until(londonDay(target))
  const move = (_key: string, value: unknown) => {
    if (typeof value !== 'string') return value
    if (TIME.test(value)) return londonText(Temporal.Instant.from(value).add(time))
    return DAY.test(value) ? Temporal.PlainDate.from(value).add(days).toString() : value
  }
  return texts.map((text): Notification => JSON.parse(text, move))
}
