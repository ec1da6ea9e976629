'use strict';
// Output of TypeScript with experimentalDecorators and emitDecoratorMetadata.
var __decorate =
  (this && this.__decorate) ||
  function (decorators, target, key, desc) {
    var c = arguments.length,
      r =
        c < 3
          ? target
          : desc === null
            ? (desc = Object.getOwnPropertyDescriptor(target, key))
            : desc,
      d;
    if (typeof Reflect === 'object' && typeof Reflect.decorate === 'function')
      r = Reflect.decorate(decorators, target, key, desc);
    else
      for (var i = decorators.length - 1; i >= 0; i--)
        if ((d = decorators[i]))
          r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return (c > 3 && r && Object.defineProperty(target, key, r), r);
  };
var __metadata =
  (this && this.__metadata) ||
  function (k, v) {
    if (typeof Reflect === 'object' && typeof Reflect.metadata === 'function')
      return Reflect.metadata(k, v);
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.Lookup = void 0;
const thrift_metrics_1 = require('thrift-metrics');
let Lookup = class Lookup {
  async find(key) {
    return `found ${key}`;
  }
};
exports.Lookup = Lookup;
__decorate(
  [
    thrift_metrics_1.Counted,
    (0, thrift_metrics_1.Timed)(),
    __metadata('design:type', Function),
    __metadata('design:paramtypes', [String]),
    __metadata('design:returntype', Promise),
  ],
  Lookup.prototype,
  'find',
  null,
);
exports.Lookup = Lookup = __decorate([(0, thrift_metrics_1.ThriftService)('Lookup')], Lookup);
