/** The uTLS step: clients are named by their hellos, and hellos of Chrome are written. */
import type { DemoStep } from '../../../core/index.ts'
import { showReassembly } from './capture.ts'
import { showImpostor, showMatch, showNames } from './chrome.ts'
import { showAlpnTable, showDocument, showQuic } from './known-answers.ts'
import { showClient, showServer } from './live.ts'

export const utlsStep: DemoStep = {
  name: 'utls',
  summary: 'TLS clients are named by their hellos, and hellos of Chrome are written',
  run: async (context) => [
    showDocument(),
    showAlpnTable(),
    showQuic(),
    await showReassembly(),
    await showClient(context),
    showNames(),
    await showServer(context),
    showMatch(),
    showImpostor(),
  ],
}
