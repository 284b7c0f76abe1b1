/** Files beside license texts that only say where those are, as dual-licensed packages have. */
import { licenseWords } from './words.ts'

const MAX_WORDS = 80
const MAX_LENGTH = 2000

/** All that such a file may say. A word outside of this list may be a demand. */
const WORDS = new Set(
  (
    'this the these project software library package crate module code work is are may you use it its to a an any all ' +
    'under of in at as by for with from on or and either both two three following one choose your our option choice ' +
    'terms conditions license licenses licensed dual multi triple available made distributed released found file ' +
    'files see full text texts copy copies details more information respective contributions contributed ' +
    'mit apache apache2 bsd isc unlicense zlib mpl gpl lgpl agpl cc0 gnu general lesser public mozilla clause simplified ' +
    'new modified version v later 0 1 2 3 txt md copying licence licences'
  ).split(' '),
)

/**
 * True for a short text that permits and forbids nothing of its own.
 * @param packageName may stand in it too
 */
export function isPointerToLicense(text: string, packageName: string): boolean {
  if (text.length > MAX_LENGTH) return false
  const own = new Set(packageName.toLowerCase().match(/[\p{L}\p{N}]+/gu))
  const words = licenseWords(text)
  return words.length < MAX_WORDS && words.every((word) => WORDS.has(word) || own.has(word))
}
