/** Flags of the commands that are clients of a mix network. */
import * as Flags from '@oclif/core/flags'
import { runTrustFlags } from '../directory/trust.ts'

export const clientFlags = {
  directory: Flags.string({ summary: 'directory of the network', required: true, helpValue: 'FILE' }),
  ...runTrustFlags,
  via: Flags.string({
    summary: 'id of the provider through which packets enter; another one each time unless given',
    helpValue: 'ID',
  }),
}
