// `npm run soak`: runs a measured Thrift service under load and under attack, and checks what it counted.
import { clientsPart } from './clients-part.js';
import { clusterPart } from './cluster-part.js';
import { writeReport } from './checks/write-report.js';
import { readOptions } from './options.js';
import { pm2Part } from './pm2-part.js';
import { singlePart } from './single-part.js';

/** Shares of the time for the single process and the cluster. PM2 gets the rest. */
const SHARES = { single: 0.5, cluster: 0.25 } as const;

async function main(): Promise<void> {
  const seconds = readOptions(process.argv.slice(2)).minutes * 60;
  const parts = [
    await singlePart(seconds * SHARES.single),
    await clusterPart(seconds * SHARES.cluster),
    await pm2Part(seconds * (1 - SHARES.single - SHARES.cluster)),
    await clientsPart(seconds),
  ];
  console.log(writeReport(parts));
  if (parts.some(({ checks }) => checks.some(({ holds }) => !holds))) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
