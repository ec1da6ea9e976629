import { expect, test } from 'vitest';

import { checkUrlTemplate } from '../../src/tools/url-template';

const check = checkUrlTemplate(['service', 'method']);

test.each(['https://grafana.test/d/x', 'http://localhost:3000/{service}?m={method}'])(
  '%s is an address of a dashboard',
  (url) => expect(() => check('here', 'url', url)).not.toThrow(),
);

test.each([
  ['grafana.test', /http or https URL/],
  ['javascript:alert(1)', /http or https URL/],
  ['https://', /http or https URL/],
  [7, /http or https URL/],
  ['https://grafana.test/{team}', /unknown placeholder \{team\}\. Use \{service\} or \{method\}/],
])('%s is refused', (url, message) => expect(() => check('here', 'url', url)).toThrow(message));
