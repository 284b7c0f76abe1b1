/** `yarn.lock`, of yarn 1 and of yarn 2 and later. */
import { readLock } from '../javascript/index.ts'
import { parseLockYaml } from '../parse/plain-yaml.ts'
import type { Reader } from '../reader.ts'
import { readBerryLock } from './berry-lock.ts'
import { readClassicLock } from './classic-lock.ts'

export const yarnReader: Reader = {
  id: 'yarn',
  read: (path, files) =>
    readLock(
      path,
      files,
      (text) => text,
      (text, context) =>
        /^__metadata:/m.test(text)
          ? readBerryLock(parseLockYaml(text), context)
          : readClassicLock(text, context),
    ),
}
