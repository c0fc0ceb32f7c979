/** A social care team's queue as it is put; the test states only what matters. */
export const aQueue = (over: Record<string, unknown> = {}) => ({
  service: 'childrens_social_care',
  name: 'Initial Response Team',
  authorities: ['E06000015'],
  channel: { kind: 'pull_queue' },
  ...over,
})

/** A school with a webhook and a key adult. */
export const aSchool = (over: Record<string, unknown> = {}) => ({
  service: 'education_setting',
  name: 'Larkspur Primary',
  urn: '900101',
  channel: { kind: 'webhook', url: 'https://school.example/alerts' },
  contacts: [{ name: 'Alder Penhaligon', role: 'key_adult', email: 'key-adult@school.example', phone: '01632 960001' }],
  opensAt: '08:50',
  terms: [['2026-09-02', '2026-10-23']],
  closedDays: ['2026-09-02'],
  ...over,
})
