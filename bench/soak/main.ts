// `npm run soak`: runs a measured Thrift service under load and under attack, and checks what it counted.
import { clientsPart } from './clients-part.js';
import { clusterPart } from './cluster-part.js';
import { writeReport } from './checks/write-report.js';
import { readOptions } from './options.js';
import { singlePart } from './single-part.js';

/** Share of the time for the single process. The cluster gets the rest. */
const SINGLE_SHARE = 2 / 3;

async function main(): Promise<void> {
  const seconds = readOptions(process.argv.slice(2)).minutes * 60;
  const parts = [
    await singlePart(seconds * SINGLE_SHARE),
    await clusterPart(seconds * (1 - SINGLE_SHARE)),
    await clientsPart(seconds),
  ];
  console.log(writeReport(parts));
  if (parts.some(({ checks }) => checks.some(({ holds }) => !holds))) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
