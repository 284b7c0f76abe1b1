/** One thread of a run: judges the documents it is told and sends back what it found. */
import { parentPort, workerData } from 'node:worker_threads'
import { type JudgedDocument, judgeDocument } from './judge-document.ts'
import type { Share } from './judge-in-threads.ts'

const { targets, rules, nowMs } = workerData as Share
const judged: JudgedDocument[] = []
for (const target of targets) judged.push(await judgeDocument(target, rules, nowMs))
parentPort?.postMessage(judged)
