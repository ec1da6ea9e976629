/** Takes only the functions of the Thrift library that the calls need. */
export function run(thrift: object, handler?: object): Promise<unknown>;
