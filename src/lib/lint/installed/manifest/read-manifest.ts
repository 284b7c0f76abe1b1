/** Manifests of installed packages. One that cannot be read says nothing; the lockfile is what counts. */
import { isAivError } from '../../../core/index.ts'
import { parseJson } from '../../readers/parse/json.ts'
import { UnreadableText } from '../../readers/parse/text-position.ts'
import { parseToml } from '../../readers/parse/toml.ts'
import type { ProjectFiles } from '../../readers/reader.ts'

/** A manifest that is larger is none; the largest of public registries has less than 1 MB. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024

/** @returns the text, where bytes that are no UTF-8 are replaced; undefined when there is nothing to read */
export function readLoosely(files: ProjectFiles, path: string): string | undefined {
  try {
    const bytes = files.bytes(path)
    return bytes === undefined || bytes.length > MAX_MANIFEST_BYTES
      ? undefined
      : new TextDecoder().decode(bytes)
  } catch (error) {
    if (isAivError(error)) return undefined
    throw error
  }
}

export function readJson(files: ProjectFiles, path: string): unknown {
  return parsed(readLoosely(files, path), parseJson)
}

export function readToml(files: ProjectFiles, path: string): unknown {
  return parsed(readLoosely(files, path), parseToml)
}

function parsed(text: string | undefined, parse: (text: string) => unknown): unknown {
  if (text === undefined) return undefined
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof UnreadableText) return undefined
    throw error
  }
}
