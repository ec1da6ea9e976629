// Installs the npm packages if any are missing.
import { ensurePackages } from './ensure-packages.mjs';

await ensurePackages();
