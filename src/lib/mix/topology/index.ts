export {
  activeSet,
  assignTopology,
  type Drawn,
  proveTopology,
  topologyProblems,
} from './active-set.ts'
export { layerByHash } from './layers.ts'
