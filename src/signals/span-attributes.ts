import type { Attributes } from '@opentelemetry/api';

import type { CallMessage, ThriftAddress } from '../recording/call-message';

// The names are those of OpenTelemetry's stable conventions for RPC, version 1.45:
// https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/

/** The attributes that samplers see. */
export function startAttributes(message: CallMessage): Attributes {
  const attributes: Attributes = {
    'rpc.system.name': 'apache_thrift',
    'rpc.method': `${message.service}/${message.method}`,
  };
  addAddresses(attributes, message);
  return attributes;
}

/** The attributes that may only be known once the call has settled. */
export function endAttributes(message: CallMessage): Attributes {
  const attributes: Attributes = {};
  if (message.kind === 'client') addAddresses(attributes, message);
  return attributes;
}

function addAddresses(attributes: Attributes, { kind, server, peer }: CallMessage): void {
  add(attributes, 'server', server);
  add(attributes, 'network.peer', peer);
  if (kind === 'server') add(attributes, 'client', peer);
}

function add(attributes: Attributes, name: string, address: ThriftAddress | undefined): void {
  if (address === undefined) return;
  attributes[`${name}.address`] = address.address;
  if (address.port !== undefined) attributes[`${name}.port`] = address.port;
}
