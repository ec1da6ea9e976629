import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import resolve from '@rollup/plugin-node-resolve';

const output = (format, extension) => ({
  input: 'service.mjs',
  output: { file: `out/rollup-${format}/main.${extension}`, format, inlineDynamicImports: true },
  plugins: [resolve({ preferBuiltins: true }), commonjs(), json()],
  onLog() {},
});

export default [output('cjs', 'cjs'), output('es', 'mjs')];
