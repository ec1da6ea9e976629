/** The dialect that the harness compiled this source in. The first case compares it with what decorators receive. */
export const dialect = process.env['TEST_DIALECT'] as 'legacy' | 'standard';

/** Whether the compiler emits `design:paramtypes` and similar metadata. Only tsc and swc do, in the legacy dialect. */
export const emitsDesignTypes = process.env['TEST_DESIGN_TYPES'] === 'true';
