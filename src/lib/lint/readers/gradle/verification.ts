/** `gradle/verification-metadata.xml`: hashes of archives, which Gradle compares before it uses them. */
import type { Hash } from '../../bom/index.ts'
import type { ProjectBuilder } from '../builder.ts'
import { folderOf, hexHash, inFolder, problemOf } from '../lock/index.ts'
import { childrenNamed, parseXml, type XmlElement } from '../parse/xml.ts'
import type { ProjectFiles } from '../reader.ts'

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const

/** Kinds of archives that a class path is made of; the others of a component describe it. */
const ARCHIVES = ['jar', 'aar', 'klib', 'war', 'zip']

/**
 * Reads the file of the build that a folder belongs to: its own, or that of the nearest folder above.
 * @returns hashes of the main archive, by `group:name:version`
 */
export function verifiedHashes(
  folder: string,
  files: ProjectFiles,
  builder: ProjectBuilder,
): ReadonlyMap<string, readonly Hash[]> {
  for (let at = folder; ; at = folderOf(at)) {
    const path = inFolder(at, 'gradle/verification-metadata.xml')
    try {
      const bytes = files.bytes(path)
      if (bytes !== undefined) return readHashes(parseXml(bytes))
    } catch (error) {
      builder.problems.push({ ...problemOf(path, error), severity: 'warning' })
      return new Map()
    }
    if (at === '.') return new Map()
  }
}

function readHashes(root: XmlElement): ReadonlyMap<string, readonly Hash[]> {
  const found = new Map<string, readonly Hash[]>()
  for (const list of childrenNamed(root, 'components'))
    for (const component of childrenNamed(list, 'component')) {
      const { group = '', name = '', version = '' } = Object.fromEntries(component.attributes)
      const archive = childrenNamed(component, 'artifact').find((artifact) =>
        ARCHIVES.some((kind) => artifact.attributes.get('name') === `${name}-${version}.${kind}`),
      )
      const hashes = archive === undefined ? [] : hashesOf(archive)
      if (hashes.length > 0) found.set(`${group}:${name}:${version}`, hashes)
    }
  return found
}

function hashesOf(artifact: XmlElement): readonly Hash[] {
  return ALGORITHMS.flatMap((algorithm) =>
    childrenNamed(artifact, algorithm).flatMap((element) => {
      const hash = hexHash(algorithm, element.attributes.get('value') ?? '')
      return hash === undefined ? [] : [hash]
    }),
  )
}
