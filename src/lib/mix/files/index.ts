/** Files of laboratories: mix keys, paths, and what the maker of a SURB keeps. */
export {
  loadMixKey,
  type MixKeyFile,
  type MixKeyInfo,
  readMixKeyInfo,
  type SaveMixKeyOptions,
  saveMixKey,
} from './mix-key-file.ts'
export {
  encodePathFile,
  MAX_PATH_FILE_BYTES,
  type PathEntry,
  parsePathFile,
  parseRecipient,
  pathHops,
} from './path-file.ts'
export { destroyFile, loadSurbKeys, type SurbKeys, saveSurbKeys } from './surb-keys-file.ts'
