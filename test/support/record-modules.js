/** Preloaded with `node --import`: writes the URL of every module that was loaded to the file in MODULES_FILE. */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const urls = []
registerHooks({
  load(url, context, nextLoad) {
    urls.push(url)
    return nextLoad(url, context)
  },
})
process.on('exit', () => writeFileSync(process.env.MODULES_FILE, urls.join('\n')))
