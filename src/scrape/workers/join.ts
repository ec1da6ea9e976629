import { currentRuntime } from '../../runtime/runtime';
import { peerGroupOf } from './peer-group';

// Joins the other processes and threads of the program when the package is loaded. A worker that renders nothing itself
// then still reports to the process that serves the metrics.
peerGroupOf(currentRuntime()).meet();
