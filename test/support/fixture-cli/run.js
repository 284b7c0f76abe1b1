/** Runs the fixture commands through the real `main`. */
import { main } from '../../../dist/lib/cli/main.js'

await main(process.argv.slice(2), import.meta.dirname)
