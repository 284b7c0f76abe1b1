/** Lockfiles of npm of any size, always the same ones, in the shape that real ones have. */

/** As many packages, and places for them, as the lockfile of axios 1.7 has, which other tools are measured with. */
export const AXIOS_SIZE: LockSize = { packages: 1672, places: 2115 }
export const MEDIUM_SIZE: LockSize = { packages: 700, places: 800 }

export interface LockSize {
  /** Distinct name and version. */
  readonly packages: number
  /** Entries; what is more than `packages` are further copies, nested in other packages. */
  readonly places: number
}

/** Every package needs a few later ones, so that there are about two edges a package and no cycle. */
const NEEDS = [1, 7, 40] as const

const SHA512_BYTES = 64

/** @returns the text of a `package-lock.json`, lockfileVersion 3 */
export function sampleLock({ packages, places }: LockSize): string {
  const entries: Record<string, unknown> = {
    '': { name: 'sample', version: '1.0.0', license: 'MIT', dependencies: needsOf(0, packages) },
  }
  for (let i = 0; i < packages; i += 1) entries[`node_modules/${nameOf(i)}`] = entryOf(i, packages)
  for (let i = packages; i < places; i += 1) {
    const copied = (i * 13) % packages
    entries[`node_modules/${nameOf((i * 7) % packages)}/node_modules/${nameOf(copied)}`] ??= entryOf(
      copied,
      packages,
    )
  }
  return JSON.stringify({ name: 'sample', version: '1.0.0', lockfileVersion: 3, packages: entries }, null, 2)
}

function nameOf(i: number): string {
  return i % 4 === 0 ? `@scope-${i % 50}/package-${i}` : `package-${i}`
}

function entryOf(i: number, packages: number): object {
  return {
    version: `${i % 9}.${i % 31}.${i % 7}`,
    resolved: `https://registry.example/${nameOf(i)}/-/package-${i}.tgz`,
    integrity: `sha512-${Buffer.alloc(SHA512_BYTES, i % 251).toString('base64')}`,
    ...(i % 3 === 0 ? { dev: true } : {}),
    license: 'MIT',
    dependencies: needsOf(i, packages),
    engines: { node: '>=18' },
  }
}

function needsOf(i: number, packages: number): Record<string, string> {
  return Object.fromEntries(
    NEEDS.map((step) => i + step)
      .filter((other) => other < packages)
      .map((other) => [nameOf(other), '*']),
  )
}
