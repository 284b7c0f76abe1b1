/** Words of SPDX 3.0.1 for what a bill of materials holds, both ways. */
import type { ComponentType, HashAlgorithm, Lifecycle } from '../../bom/index.ts'

export const CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld'
export const SPEC_VERSION = '3.0.1'
/** Types of elements that are components. */
export const PACKAGES: ReadonlySet<unknown> = new Set([
  'software_Package',
  'ai_AIPackage',
  'dataset_DatasetPackage',
])

const ALGORITHMS: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  'sha3-256': 'sha3_256',
  'sha3-384': 'sha3_384',
  'sha3-512': 'sha3_512',
  'blake2b-256': 'blake2b256',
  'blake2b-384': 'blake2b384',
  'blake2b-512': 'blake2b512',
  blake3: 'blake3',
}

const PURPOSES: Readonly<Record<ComponentType, string>> = {
  application: 'application',
  framework: 'framework',
  library: 'library',
  container: 'container',
  platform: 'platform',
  'operating-system': 'operatingSystem',
  device: 'device',
  firmware: 'firmware',
  file: 'file',
  data: 'data',
}

/** Kinds of documents of CISA (2023), which SPDX took over; the phases of CycloneDX are the same but for two. */
const SBOM_TYPES: Readonly<Partial<Record<Lifecycle, string>>> = {
  design: 'design',
  'pre-build': 'source',
  build: 'build',
  'post-build': 'analyzed',
  operations: 'runtime',
}

const algorithmsBack = inverse(ALGORITHMS)
const purposesBack = inverse(PURPOSES)
const sbomTypesBack = inverse(SBOM_TYPES)

export function spdx3Algorithm(algorithm: HashAlgorithm): string {
  return ALGORITHMS[algorithm]
}

export function algorithmOf(word: string): HashAlgorithm | undefined {
  return algorithmsBack.get(word) as HashAlgorithm | undefined
}

export function spdx3Purpose(type: ComponentType): string {
  return PURPOSES[type]
}

export function typeOf(word: string | undefined): ComponentType | undefined {
  return purposesBack.get(word ?? '') as ComponentType | undefined
}

export function sbomType(lifecycle: Lifecycle): string | undefined {
  return SBOM_TYPES[lifecycle]
}

export function lifecycleOf(word: string): Lifecycle | undefined {
  return sbomTypesBack.get(word) as Lifecycle | undefined
}

function inverse(words: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(words).map(([ours, theirs]) => [theirs, ours]))
}
