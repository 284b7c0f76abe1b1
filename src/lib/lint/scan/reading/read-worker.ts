/** One thread of a scan: reads the files it is told and sends back what each gave. */
import { parentPort, workerData } from 'node:worker_threads'
import { FolderFiles } from '../../readers/index.ts'
import { type ReadTask, readFile } from './read-files.ts'

const { root, tasks } = workerData as { readonly root: string; readonly tasks: readonly ReadTask[] }
const files = new FolderFiles(root)
for (const task of tasks) parentPort?.postMessage(await readFile(task, files))
