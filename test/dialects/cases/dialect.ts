/** What the harness says this source was compiled as; the first case holds it against what decorators really receive. */
export const dialect = process.env['TEST_DIALECT'] as 'legacy' | 'standard';

/** Whether the compiler writes `design:paramtypes` and its like (only tsc and swc do, in the legacy dialect). */
export const emitsDesignTypes = process.env['TEST_DESIGN_TYPES'] === 'true';
