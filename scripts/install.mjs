// Installs the npm packages where they are missing.
import { ensurePackages } from './ensure-packages.mjs';

await ensurePackages();
