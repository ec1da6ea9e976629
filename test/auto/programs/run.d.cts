/** Of the library, only what the calls need. */
export function run(thrift: object, handler?: object): Promise<unknown>;
