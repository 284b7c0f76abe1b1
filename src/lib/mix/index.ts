/** The mixnet: what nodes, clients and those who measure them are made of. */
export * from './replay/index.ts'
