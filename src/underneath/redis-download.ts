import { execFile } from 'node:child_process'
import { access, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RedisProgram } from './private-redis.ts'

const run = promisify(execFile)

/** Newer releases have both; Valkey's is tried second since its package names the program differently. */
const PACKAGES = [
  { package: 'redis-tools', ships: 'redis-check-rdb', serves: 'redis-server' },
  { package: 'valkey-tools', ships: 'valkey-check-rdb', serves: 'valkey-server' },
] as const

/** How long the package mirror may take for one call, in milliseconds. */
const FETCH_WITHIN_MS = 60_000

/**
 * Fetches the distribution's Redis into a cache folder, on Debian and its children. Nothing is installed: the packages are
 * unpacked beside each other and run from there. Null where there is no apt or the mirror does not answer.
 */
export async function downloadRedis(): Promise<RedisProgram | null> {
  const cache = join(await cacheFolder(), await distribution())
  for (const source of PACKAGES) {
    const home = join(cache, source.package)
    try {
      await access(join(home, 'usr/bin', source.serves)).catch(() => unpackInto(home, source))
      return {
        program: join(home, 'usr/bin', source.serves),
        env: { LD_LIBRARY_PATH: await libraryFolders(home) },
        from: `${source.package} from apt, unpacked in ${home}`,
      }
    } catch {
      // No apt, no network, or no such package here: the next source, and then none. The caller says that there is none.
    }
  }
  return null
}

type Source = (typeof PACKAGES)[number]

async function unpackInto(home: string, source: Source): Promise<void> {
  await mkdir(dirname(home), { recursive: true, mode: 0o700 })
  const work = await mkdtemp(`${home}-`)
  try {
    const lists = await currentLists(work, source)
    const packages = [source.package, ...(await missingLibraries(source, lists))]
    await run('apt-get', [...lists, 'download', ...packages], { cwd: work, timeout: FETCH_WITHIN_MS })
    const root = join(work, 'root')
    for (const name of await readdir(work)) {
      if (name.endsWith('.deb')) await run('dpkg', ['-x', join(work, name), root])
    }
    // One program under several names: it serves when it is called by this one.
    await symlink(source.ships, join(root, 'usr/bin', source.serves)).catch(() => undefined)
    // Moved in whole, so that nobody ever sees half of it. When another start was quicker, its copy is as good.
    await rename(root, home).catch(() => undefined)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * The machine's own package lists where it has them. A slim image has none, and an ordinary user may not fetch them: then a
 * private copy serves.
 */
async function currentLists(work: string, source: Source): Promise<string[]> {
  const asRoot = ['-o', 'APT::Sandbox::User=root']
  const known = await run('apt-cache', ['show', '--no-all-versions', source.package]).catch(() => null)
  if (known !== null && known.stdout !== '') return asRoot
  const own = [...asRoot, '-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${join(work, 'cache')}`]
  await mkdir(join(work, 'lists/partial'), { recursive: true })
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true })
  await run('apt-get', [...own, 'update'], { cwd: work, timeout: FETCH_WITHIN_MS })
  return own
}

/** The libraries the package names that this machine lacks. What is installed already has all it needs itself. */
async function missingLibraries(source: Source, lists: readonly string[]): Promise<string[]> {
  const { stdout } = await run('apt-cache', [...lists, 'depends', source.package])
  const needed = [...stdout.matchAll(/^ *\|?Depends: (lib\S+)$/gm)].flatMap(([, name]) => name ?? [])
  const installed = await Promise.all(needed.map(isInstalled))
  return needed.filter((_name, index) => installed[index] === false)
}

async function isInstalled(name: string): Promise<boolean> {
  const asked = await run('dpkg', ['-s', name]).catch(() => null)
  return asked?.stdout.includes('\nStatus: install ok installed\n') ?? false
}

async function libraryFolders(home: string): Promise<string> {
  const folders = new Set<string>()
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (entry.name.includes('.so.')) folders.add(entry.parentPath)
  }
  return [...folders].join(':')
}

/** Beside the other caches of this checkout, or, where that may not be written, in a temporary folder of this user's own. */
async function cacheFolder(): Promise<string> {
  const inCheckout = fileURLToPath(new URL('../../node_modules/.cache/daymark-redis', import.meta.url))
  try {
    await mkdir(inCheckout, { recursive: true })
    await rm(await mkdtemp(join(inCheckout, 'writable-')), { recursive: true })
    return inCheckout
  } catch {
    // A checkout that belongs to somebody else.
    return ownFolder(join(tmpdir(), `daymark-cache-${process.getuid?.() ?? 'user'}`))
  }
}

/** A folder that is ours alone: what we run from it, nobody else may have put there. */
async function ownFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(folder)
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${folder} belongs to somebody else; remove it`)
  return folder
}

/** Release and processor, so that a checkout shared between machines never runs another's binary. */
async function distribution(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const word = (name: string) => new RegExp(`^${name}="?([\\w.]+)`, 'm').exec(release)?.[1] ?? 'unknown'
  return `${word('ID')}-${word('VERSION_ID')}-${process.arch}`
}
