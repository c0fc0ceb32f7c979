/** One thing a page says: a label, and words, a list of words, or more such things below it. */
export interface Field {
  label: string
  text?: string
  list?: string[]
  groups?: Field[][]
}

const LONDON = 'Europe/London'
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

/** A moment as people in England and Wales read it: `Monday 9 March 2026 at 8:45am`. */
export function momentInWords(at: Temporal.Instant): string {
  const local = at.toZonedDateTimeISO(LONDON)
  const hour = local.hour % 12 === 0 ? 12 : local.hour % 12
  const time = `${hour}:${String(local.minute).padStart(2, '0')}${local.hour < 12 ? 'am' : 'pm'}`
  return `${WEEKDAYS[local.dayOfWeek - 1]} ${dayInWords(local.toPlainDate().toString())} at ${time}`
}

/** A date as it is read: `4 May 2017`. */
export function dayInWords(date: string): string {
  const { day, month, year } = Temporal.PlainDate.from(date)
  return `${day} ${MONTHS[month - 1]} ${year}`
}

/** How a school's allow-list is said. What has no entry is said by its own name, so that nothing told is left out. */
const labels: Readonly<Record<string, string>> = {
  child: 'Child',
  givenNames: 'Given names',
  familyName: 'Family name',
  dateOfBirth: 'Date of birth',
  incident: 'Incident',
  occurredAt: 'When it happened',
  occurredUntil: 'Until',
  childPresent: 'Was the child there?',
  parentsInformed: 'Do the parents know you are told?',
  policeReference: 'Police reference',
  schoolShould: 'What to do',
  schoolMustNot: 'What not to do',
  policeData: 'Sharing this',
  whatToDo: 'What to do now',
  changed: 'What has changed',
  now: 'As it is now',
  was: 'It was',
  field: 'About',
  corrects: 'Corrects',
  recalls: 'Takes back',
}

const said: Readonly<Record<string, string>> = {
  yes: 'Yes',
  no: 'No',
  unknown: 'Not known',
  unsafe: 'No. It would not be safe for them to know',
}

/** In which order a person wants it: what is asked, about whom, what happened. The rest follows as it was told. */
const FIRST = ['whatToDo', 'child', 'patient', 'childPresent', 'incident', 'parentsInformed', 'changed']

/** What the page itself says already. */
const NOT_SAID: ReadonlySet<string> = new Set(['kind'])

/** Everything a dispatch says, in words, whatever its allow-list: what is not known here is shown by its name. */
export function fieldsOf(content: Readonly<Record<string, unknown>>): Field[] {
  return Object.entries(content)
    .sort(([one], [other]) => placeOf(one) - placeOf(other))
    .flatMap(([name, value]) => (NOT_SAID.has(name) ? [] : fieldOf(name, value)))
}

function placeOf(name: string): number {
  const place = FIRST.indexOf(name)
  return place === -1 ? FIRST.length : place
}

function fieldOf(name: string, value: unknown): Field[] {
  const label = labels[name] ?? inWords(name)
  if (value === undefined) return []
  if (Array.isArray(value)) {
    const groups = value.filter(isObject).map(fieldsOf)
    const list = value.filter((one) => !isObject(one)).map(wordsOf)
    return [{ label, ...(list.length > 0 ? { list } : {}), ...(groups.length > 0 ? { groups } : {}) }]
  }
  if (!isObject(value)) return [{ label, text: wordsOf(value) }]
  const inner = fieldsOf(value)
  // A name and a date below one heading are read as rows of their own.
  return inner.every(({ text }) => text !== undefined) ? inner : [{ label, groups: [inner] }]
}

function wordsOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value !== 'string') return value === null ? 'Nothing is said any more' : JSON.stringify(value)
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return dayInWords(value)
  if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)) return momentInWords(Temporal.Instant.from(value))
  return said[value] ?? value
}

/** `expectedDeliveryDate` as people say it. */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
