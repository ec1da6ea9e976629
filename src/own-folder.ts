/** Where the code of this package lies: `src`, or what the build makes of it, where all modules are in one folder. */
export const OWN_FOLDER = __dirname;
