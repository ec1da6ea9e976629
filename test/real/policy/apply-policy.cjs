// Preloaded before the program: applies a policy file, as a platform team does that may not change the program.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const { configureMetrics } = require('../../../dist/index.js');

configureMetrics(JSON.parse(readFileSync(join(__dirname, 'policy.json'), 'utf8')));
