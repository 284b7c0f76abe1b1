/** A project of two ecosystems, as its package managers would have written it down. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE_LOCK = {
  name: 'shop',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': { name: 'shop', version: '1.0.0', dependencies: { send: '^1.2.0' }, devDependencies: { tap: '*' } },
    'node_modules/send': { version: '1.2.0', license: 'MIT', dependencies: { ms: '^2.1.3' } },
    'node_modules/ms': { version: '2.1.3', license: 'MIT' },
    'node_modules/tap': { version: '21.0.0', dev: true, license: 'BlueOak-1.0.0', dependencies: { ms: '*' } },
  },
}

const CARGO_LOCK = `version = 4

[[package]]
name = "engine"
version = "0.3.0"
dependencies = ["memchr"]

[[package]]
name = "memchr"
version = "2.7.4"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "78ca9ab1a0babb1e7d5695e3530886289c18cf2f87ec19a575a0abdce112e3a3"
`

/** What has to be found, read off the two texts above. */
export const PACKAGES: readonly string[] = [
  'pkg:cargo/memchr@2.7.4',
  'pkg:npm/ms@2.1.3',
  'pkg:npm/send@1.2.0',
  'pkg:npm/tap@21.0.0',
]

export function writeProject(folder: string): string {
  mkdirSync(join(folder, 'engine'), { recursive: true })
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(PACKAGE_LOCK))
  writeFileSync(join(folder, 'engine/Cargo.lock'), CARGO_LOCK)
  return folder
}
