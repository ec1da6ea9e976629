import { currentRuntime } from '../../runtime/runtime';
import { peerGroupOf } from './peer-group';

// Joins the processes and threads of the program when the package is loaded, so that a worker that never renders anything
// answers the process that serves the metrics of all.
peerGroupOf(currentRuntime());
