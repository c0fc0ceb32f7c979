import { AUTHORITIES } from './families.ts'

/** Schools that are called, and where, and those that collect for themselves. */
export interface MonthDirectory {
  lines: string
  urns: string[]
  /** Recipients that collect from a queue, with the agency each belongs to. */
  queues: string[]
}

const CALLED = 30
const COLLECTING = 6

const terms = [
  ['2026-01-05', '2026-03-27'],
  ['2026-04-13', '2026-07-22'],
]

/** Everybody a force of Derbyshire's size tells: two councils and their services, and three dozen schools. */
export function monthDirectory(receiverUrl: string): MonthDirectory {
  const [city, county] = AUTHORITIES
  const both = [...AUTHORITIES]
  const queue = (id: string, service: string, name: string, authorities: string[], more: Record<string, unknown> = {}) => ({
    id,
    service,
    name,
    authorities,
    channel: { kind: 'pull_queue' },
    contacts: [{ name: 'Wren Oakhanger', role: 'duty', email: `duty@${id.toLowerCase()}.example`, phone: '01632 960301' }],
    ...more,
  })
  const services = [
    queue(`csc-${city}`, 'childrens_social_care', 'City Response', [city], {
      hours: Object.fromEntries(
        ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) => [day, [['08:00', '18:00']]]),
      ),
      outOfHours: { recipientId: 'edt' },
    }),
    queue(`csc-${county}`, 'childrens_social_care', 'County Response', [county]),
    queue('edt', 'childrens_social_care', 'Nightingale Duty Team', []),
    queue('la-education-city', 'education_authority', 'City Education', [city]),
    queue('la-education-county', 'education_authority', 'County Education', [county]),
    queue('health', 'health', 'Health', both),
    queue('marac', 'marac', 'Conference', both),
    queue('idva', 'idva', 'Advisers', both),
    queue('support', 'specialist_support', 'Support', both),
    queue('police-cp', 'police_child_protection', 'Child abuse team', both, { agency: 'police-derbyshire' }),
  ]
  const school = (index: number) => ({
    id: `school-${900_100 + index}`,
    service: 'education_setting',
    name: `School ${index}`,
    urn: String(900_100 + index),
    channel: index < CALLED ? { kind: 'webhook', url: `${receiverUrl}/${index}` } : { kind: 'pull_queue' },
    contacts: [
      { name: 'Alder Penhaligon', role: 'key_adult', email: `key-${index}@school.example`, phone: '01632 960302' },
      { name: 'Rowan Thistlewood', role: 'deputy', email: `deputy-${index}@school.example`, phone: '01632 960303' },
    ],
    terms,
  })
  const schools = Array.from({ length: CALLED + COLLECTING }, (_, index) => school(index))
  const everybody = [...services, ...schools]
  return {
    lines: everybody.map((one) => JSON.stringify(one)).join('\n'),
    urns: schools.map(({ urn }) => urn),
    queues: everybody.filter(({ channel }) => channel.kind === 'pull_queue').map(({ id }) => id),
  }
}
